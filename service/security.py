"""Who asks, and may they: keys, roles, and what a csm key is bound to.

Closed unless opened: without a valid key nothing but the health probes, the metrics, the API
description and the style sheet answers. `GROUNDSWELL_AUTH=off` makes every caller the local
administrator, and is refused on an address that others can reach.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from models.access import Role as Role
from models.errors import Forbidden, Unauthenticated


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. `csm_id` is set for the role csm alone; `key_id` tells keys of one name apart.

    `signed_in` is true for a person in a browser, who can sign out again.
    """

    name: str
    role: Role
    csm_id: str | None = None
    key_id: str = ""
    signed_in: bool = False


LOCAL = Principal(name="local", role=Role.ADMIN)

_OPS = frozenset({Role.CS_OPS, Role.ADMIN})


class Right(StrEnum):
    """One thing that a caller may be allowed to do."""

    WRITE_NOTES = "write_notes"
    WRITE_PORTFOLIO = "write_portfolio"
    OBSERVE = "observe"
    WRITE_TAXONOMY = "write_taxonomy"
    PROPOSE = "propose"
    RUN = "run"
    REVIEW = "review"
    DECIDE = "decide"
    READ_REQUESTS = "read_requests"
    READ_PORTFOLIO = "read_portfolio"
    READ_SIGNALS = "read_signals"
    READ_REPORTS = "read_reports"
    READ_LOOP = "read_loop"
    ISSUE_DIGEST = "issue_digest"
    ACKNOWLEDGE = "acknowledge"
    READ_AUDIT = "read_audit"
    MANAGE_KEYS = "manage_keys"
    ERASE = "erase"


ROLES_THAT: dict[Right, frozenset[Role]] = {
    Right.WRITE_NOTES: _OPS | {Role.INGEST},
    Right.WRITE_PORTFOLIO: _OPS | {Role.INGEST},
    Right.OBSERVE: _OPS | {Role.INGEST, Role.CSM},
    Right.WRITE_TAXONOMY: _OPS,
    Right.PROPOSE: _OPS | {Role.CSM, Role.PRODUCT},
    Right.RUN: _OPS,
    Right.REVIEW: _OPS,
    # Product delivers, and nothing else: `check_action` below.
    Right.DECIDE: _OPS | {Role.PRODUCT},
    Right.READ_REQUESTS: _OPS | {Role.CSM},
    Right.READ_PORTFOLIO: _OPS | {Role.CSM},
    Right.READ_SIGNALS: _OPS | {Role.CSM, Role.PRODUCT},
    Right.READ_REPORTS: _OPS | {Role.CSM, Role.PRODUCT},
    # A csm key sees its own: `check_own` below.
    Right.READ_LOOP: _OPS | {Role.CSM},
    Right.ISSUE_DIGEST: _OPS,
    Right.ACKNOWLEDGE: _OPS | {Role.PRODUCT},
    Right.READ_AUDIT: _OPS,
    Right.MANAGE_KEYS: frozenset({Role.ADMIN}),
    Right.ERASE: frozenset({Role.ADMIN}),
}


def check_right(principal: Principal, right: Right) -> None:
    """Refuse a caller whose role may not do this (Forbidden, code `role_not_allowed`)."""
    allowed = ROLES_THAT[right]
    if principal.role not in allowed:
        raise Forbidden(
            f"A key of role {principal.role} may not do this; it takes"
            f" {' or '.join(sorted(allowed))}.",
            code="role_not_allowed",
        )


def check_action(principal: Principal, action: object) -> None:
    """Refuse a decision that is not this role's: product delivers, CS Ops decides the rest."""
    if principal.role is Role.PRODUCT and action != "deliver":
        raise Forbidden(
            "A key of role product may only deliver; CS Ops decides on themes.",
            code="role_not_allowed",
            field="action",
        )


def check_own(principal: Principal, csm_id: object) -> None:
    """Refuse a csm key that speaks for another CSM (Forbidden, code `not_your_csm`)."""
    if principal.role is Role.CSM and csm_id != principal.csm_id:
        raise Forbidden(
            "A key of role csm posts observations and reads reports of its own CSM only.",
            code="not_your_csm",
            field="csm_id",
        )


def bearer_key(header: str | None) -> str:
    """The key of an `Authorization: Bearer KEY` header.

    Raises:
        Unauthenticated: the header is absent or of another scheme; code `key_required`.
    """
    scheme, _, key = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthenticated(
            "Show a key as 'Authorization: Bearer KEY'; an administrator makes one with"
            " 'groundswell keys create'.",
            code="key_required",
        )
    return key.strip()


def address_of(host: str | None) -> str:
    """Where a caller comes from, as far as one caller can be told from another by it.

    Of IPv6 the first 64 bits: the rest is the caller's own to choose.
    """
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return host or ""
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address.ipv4_mapped or address) if address.version == 6 else str(address)


def is_loopback(host: str) -> bool:
    """True when only this machine can reach a server bound to `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
