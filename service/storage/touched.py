"""Which themes were touched by the writes since a data version; when the portfolio and the
taxonomy were."""

from __future__ import annotations

from sqlalchemy import Connection, select

from service.storage.operating_tables import touched

PORTFOLIO, TAXONOMY, WAITING = "portfolio", "taxonomy", "waiting"


def since(connection: Connection, version: int) -> frozenset[str]:
    """The themes that a write after this data version touched: their rows, their item, or what
    their evidence is made of; `WAITING` for requests on no theme."""
    found = connection.scalars(select(touched.c.subject).where(touched.c.version > version))
    return frozenset(found) - {PORTFOLIO, TAXONOMY}


def portfolio_version(connection: Connection) -> int:
    """The data version of the last write that changed an account or a CSM; 0 before the first."""
    return _version(connection, PORTFOLIO)


def taxonomy_version(connection: Connection) -> int:
    """As `portfolio_version`, of the taxonomy's items, whatever their status."""
    return _version(connection, TAXONOMY)


def _version(connection: Connection, subject: str) -> int:
    statement = select(touched.c.version).where(touched.c.subject == subject)
    return connection.scalar(statement) or 0
