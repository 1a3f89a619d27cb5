"""Which themes were touched by the writes since a data version, and when the portfolio was."""

from __future__ import annotations

from sqlalchemy import Connection, select

from service.storage.operating_tables import touched

PORTFOLIO, WAITING = "portfolio", "waiting"


def since(connection: Connection, version: int) -> frozenset[str]:
    """The themes that a write after this data version touched: their rows, their item, or what
    their evidence is made of; `WAITING` for requests on no theme."""
    found = connection.scalars(select(touched.c.subject).where(touched.c.version > version))
    return frozenset(found) - {PORTFOLIO}


def portfolio_version(connection: Connection) -> int:
    """The data version of the last write that changed an account or a CSM; 0 before the first."""
    statement = select(touched.c.version).where(touched.c.subject == PORTFOLIO)
    return connection.scalar(statement) or 0
