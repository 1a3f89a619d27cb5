"""What the service keeps from everybody but itself, so that its processes agree on it."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from service.storage.operating_tables import service_secrets


def get(connection: Connection, name: str) -> str | None:
    """The secret of this name, if there is one yet."""
    found: str | None = connection.scalar(
        select(service_secrets.c.value).where(service_secrets.c.name == name)
    )
    return found


def add(connection: Connection, name: str, value: str) -> None:
    """Keep a secret under a new name."""
    connection.execute(insert(service_secrets).values(name=name, value=value))
