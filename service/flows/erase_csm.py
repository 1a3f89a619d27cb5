"""Erase what is personal of a CSM; the notes stay, under a name that says nothing.

A theme weighs by how many CSMs have heard it. So the CSM becomes another one without name and
address, the same in every note: each figure stays what it was. The notes are customers' words
and go with their account, one by one, or by age.
"""

from __future__ import annotations

from datetime import datetime

from models.errors import NotFound
from models.identity import erased_csm_id
from service.storage import audit, persons
from service.storage.accounts import CSMS
from service.storage.engine import Store


def erase_csm(store: Store, csm_id: str, *, now: datetime, actor: str) -> str:
    """Erase the CSM in one transaction; returns the id that the notes have from now on.

    Name and address are gone, keys are revoked and nameless, and what was done with them
    carries the new id in the audit trail too. A note that comes again under the old id is
    taken under the new one; the record itself can't be uploaded again. A second time there is
    nothing to do.

    Raises:
        NotFound: `unknown_csm`.
        Unavailable: the store is busy, full or down; nothing is erased.
    """
    stand_in = erased_csm_id(csm_id)
    with store.write() as connection:
        known = CSMS.find(connection, {csm_id, stand_in})
        if csm_id not in known:
            if stand_in in known:
                return stand_in
            raise NotFound("There is no CSM with this id.", code="unknown_csm")
        persons.replace_csm(connection, known[csm_id].value, stand_in)
        persons.erase_keys(connection, csm_id, stand_in, now=now)
        audit.record(connection, at=now, actor=actor, action="csm.erased", target=stand_in)
    store.scrub()
    return stand_in
