"""The tables that keep the service going: work to do, who may ask, what was done."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from service.storage.column_types import UtcDateTime
from service.storage.metadata import EXTERNAL, ID, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),  # run | taxonomy
    Column("state", String(8), nullable=False),  # queued | running | done | failed
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer, nullable=False, server_default=text("0")),
    Column("error", JSON),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("requested_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("run_after", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    CheckConstraint("state IN ('queued','running','done','failed')", name="state"),
    Index("ix_jobs_state", "state", "run_after"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", Text, nullable=False),
    Column("details", JSON, nullable=False),  # never note text
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("csm_id", EXTERNAL),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    # Whom single sign-on vouched for, as a hash; null for a key that was made here.
    Column("subject", String(64)),
    Index("ix_api_keys_subject", "subject", unique=True),
)

# Made by the service for itself; never shown and never in a log.
service_secrets = Table(
    "service_secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

# How far a pull from a vendor's API has come, in that vendor's own terms.
pull_positions = Table(
    "pull_positions",
    metadata,
    Column("source", EXTERNAL, primary_key=True),
    Column("position", Text, nullable=False),
    Column("pulled_at", UtcDateTime, nullable=False),
)

# Notes that a thin event has named and whose text must still be fetched from the vendor.
pending_fetches = Table(
    "pending_fetches",
    metadata,
    Column("source", EXTERNAL, primary_key=True),
    Column("external_id", EXTERNAL, primary_key=True),
    Column("event_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("fetch_after", UtcDateTime, nullable=False),
    Column("claimed_until", UtcDateTime),
    Column("error", Text),  # a code, never a vendor's text
    Index("ix_pending_fetches_fetch_after", "fetch_after"),
)

# Deliveries of senders whose notes carry no time of their last edit: an old one that comes again
# must not undo a newer one.
deliveries = Table(
    "deliveries",
    metadata,
    Column("source", EXTERNAL, primary_key=True),
    Column("delivery", String(64), primary_key=True),  # a digest of the sender's own id
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_deliveries_received_at", "received_at"),
)

# One row a month. Figures stay as they were issued; quotes of what is erased become a mark.
issued_digests = Table(
    "issued_digests",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", Text),
    Column("assessment", Text),
)

# When a chore of the store itself is due next; a worker that does it moves it on.
upkeep = Table(
    "upkeep",
    metadata,
    Column("chore", String(32), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
)

# One row: a counter bumped by each write that can change an answer; ETags are made from it.
data_version = Table(
    "data_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
)

# When what was last changed, by data version: each theme with its item and its requests (by its
# id), the accounts and CSMs ('portfolio'), the items ('taxonomy'), the requests on no theme
# ('waiting'). Written by triggers (migration 0010) alone, which a migration that rebuilds one of
# those tables must make again.
touched = Table(
    "touched",
    metadata,
    Column("subject", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Index("ix_touched_version", "version"),
)
