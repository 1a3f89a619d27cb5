"""The tables of what customers said and what became of it.

Core tables, not mapped classes: the queries are set-based and rows go straight into the
domain's own dataclasses, so an identity map would only be one more copy.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from service.storage.column_types import Money, UtcDateTime
from service.storage.metadata import EXTERNAL, ID, metadata, only_where

SEVERITIES = "('blocking', 'degraded', 'minor')"
# On a request a person's decision stands. An index holds these, so queries say it as it does.
BY_PERSON = "assigned_by = 'person' OR bound OR held OR dismissed"


accounts = Table(
    "accounts",
    metadata,
    Column("account_id", EXTERNAL, primary_key=True),
    Column("name", Text),
    Column("segment", Text),
    Column("arr", Money),
    Column("health", String(16)),
    Column("renewal_date", Date),
    Column("at_risk", Boolean),
    Column("csm_id", EXTERNAL),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    # True while only a note or observation has named it: listed under ?incomplete=true.
    Column("bare", Boolean, nullable=False, server_default=text("false")),
)

csms = Table(
    "csms",
    metadata,
    Column("csm_id", EXTERNAL, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("bare", Boolean, nullable=False, server_default=text("false")),
)

themes = Table(
    "themes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("origin", String(16), nullable=False),  # item | cluster | split | unclassified
    Column("status", String(16), nullable=False),  # proposed | accepted | rejected | merged
    Column("merged_into", ID, ForeignKey("themes.id")),
    Column("label", Text, nullable=False),
    Column("label_by", String(8), nullable=False, server_default="model"),  # model | person
    Column("keyphrases", JSON, nullable=False),
    Column("exemplars", JSON, nullable=False),  # request ids, best first
    # Age decides which id survives when a run joins two: born_seq, then first_at, then id.
    Column("born_seq", Integer, nullable=False),
    Column("first_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("faded_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("delivery", JSON, nullable=False),  # {"state": "open", ...}
    CheckConstraint("status IN ('proposed','accepted','rejected','merged')", name="status"),
    CheckConstraint("origin IN ('item','cluster','split','unclassified')", name="origin"),
    CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
    Index("ix_themes_status", "status"),
)

taxonomy_items = Table(
    "taxonomy_items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("feature_area", Text, nullable=False),
    Column("customer_need", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("examples", JSON, nullable=False),
    Column("status", String(16), nullable=False),  # proposed | live | retired
    # The one theme of a live item; a retired item keeps its last one for the record.
    Column("theme_id", ID, ForeignKey("themes.id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("feature_area", "customer_need"),
    CheckConstraint("status IN ('proposed','live','retired')", name="status"),
    # One item is one signal: no two live items share a theme.
    Index("ix_taxonomy_items_live_theme", "theme_id", unique=True, **only_where("status = 'live'")),
)

notes = Table(
    "notes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", EXTERNAL, nullable=False),
    Column("external_id", EXTERNAL, nullable=False),
    Column("account_id", EXTERNAL, ForeignKey("accounts.account_id"), nullable=False),
    Column("csm_id", EXTERNAL, ForeignKey("csms.csm_id"), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("revised_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    # Bumped when the text changes; a reading of an older revision is thrown away.
    Column("revision", Integer, nullable=False, server_default=text("1")),
    # This column is the reading queue: intake commits a pending note and nothing else.
    Column("state", String(8), nullable=False, server_default="pending"),
    Column("claimed_until", UtcDateTime),
    Column("read_error", Text),
    # ISO 639-1, as the reader recognised it; null while unread or where it can't tell.
    Column("language", String(8)),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("state IN ('pending','read')", name="state"),
    # The state leads, though it is the same in all: so the index alone tells how many wait.
    Index("ix_notes_pending", "state", "received_at", "id", **only_where("state = 'pending'")),
    Index("ix_notes_occurred_at", "occurred_at"),
    Index("ix_notes_account_id", "account_id"),
    Index("ix_notes_language", "language"),
)

# What a search looks in: the note's words without case and accents, each between spaces.
note_words = Table(
    "note_words",
    metadata,
    Column("note_id", ID, ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("words", Text, nullable=False),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("source", EXTERNAL, primary_key=True),
    Column("external_id", EXTERNAL, primary_key=True),
    Column("deleted_at", UtcDateTime, nullable=False),
)

observations = Table(
    "observations",
    metadata,
    Column("id", ID, primary_key=True),
    # What makes a repeat a repeat: the sender's external_id, or the Idempotency-Key.
    Column("idempotency_key", EXTERNAL, unique=True),
    Column("external_id", EXTERNAL),
    # Digest of all it said: tells a repeat from another observation under the same key.
    Column("content_key", ID, nullable=False),
    Column("accounts_count", Integer, nullable=False),
    Column("feature_area", Text, nullable=False),
    Column("customer_need", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("received_from", Text, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("note_id", ID, ForeignKey("notes.id", ondelete="CASCADE")),
    Column("observation_id", ID, ForeignKey("observations.id", ondelete="CASCADE")),
    Column("origin", String(12), nullable=False),  # reader | person | observation
    # Copied from the note so that windows and evidence need no join; ingest keeps them equal.
    Column("account_id", EXTERNAL, ForeignKey("accounts.account_id")),
    Column("csm_id", EXTERNAL, ForeignKey("csms.csm_id"), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text_key", ID, nullable=False),  # '' where there is no text
    Column("vector_key", ID, nullable=False),
    Column("severity", String(8), nullable=False),
    Column("severity_by", String(8), nullable=False),  # model | person
    Column("severity_confidence", Float),
    Column("theme_id", ID, ForeignKey("themes.id")),
    Column("assigned_by", String(8)),  # model | person
    Column("confidence", Float),
    # A person moved it to nothing: no machine assigns it again.
    Column("held", Boolean, nullable=False, server_default=text("false")),
    # A person's accept or merge put it on its theme: it stays `model` and reviewable, but no
    # run takes it away.
    Column("bound", Boolean, nullable=False, server_default=text("false")),
    # A person mended its span: kept over re-reading.
    Column("span_by", String(8), nullable=False, server_default="model"),
    Column("dismissed", Boolean, nullable=False, server_default=text("false")),
    Column("unclassified_area", Text),
    Column("arr_when_reported", Money),
    # That of its note, so that mixing can be seen without a join.
    Column("language", String(8)),
    CheckConstraint(f"severity IN {SEVERITIES}", name="severity"),
    CheckConstraint("(theme_id IS NULL) = (assigned_by IS NULL)", name="assigned_by"),
    Index("ix_requests_theme_id", "theme_id", "occurred_at"),
    Index("ix_requests_note_id", "note_id"),
    Index("ix_requests_occurred_at", "occurred_at"),
    Index("ix_requests_csm_id", "csm_id"),
    Index("ix_requests_vector_key", "vector_key"),
    Index(
        "ix_requests_by_person",
        "vector_key",
        "theme_id",
        "bound",
        "text_key",
        **only_where(BY_PERSON),
    ),
)

vectors = Table(
    "vectors",
    metadata,
    Column("vector_key", ID, primary_key=True),
    Column("encoder", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),  # float32 little-endian, unit length
)

# What the re-ranker thinks of a request and an item: kept, because it is slow to work out.
pair_scores = Table(
    "pair_scores",
    metadata,
    Column("vector_key", ID, primary_key=True),
    Column("item_key", ID, primary_key=True),  # vector key of the item's own text
    Column("model", String(64), primary_key=True),
    Column("score", Float, nullable=False),
)

group_members = Table(
    "group_members",
    metadata,
    Column("theme_id", ID, ForeignKey("themes.id", ondelete="CASCADE"), primary_key=True),
    Column("request_id", ID, ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
)

# A rejected theme's members: they never again form that same group.
forbidden_groups = Table(
    "forbidden_groups",
    metadata,
    Column("theme_id", ID, ForeignKey("themes.id", ondelete="CASCADE"), primary_key=True),
    Column("request_id", ID, ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
)

# Two themes that a person keeps apart (an undone merge, a split): no machine joins them.
separations = Table(
    "separations",
    metadata,
    Column("theme_a", ID, ForeignKey("themes.id"), primary_key=True),
    Column("theme_b", ID, ForeignKey("themes.id"), primary_key=True),
    Column("decision_id", ID, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("theme_id", ID, ForeignKey("themes.id"), nullable=False),
    Column("feature_area", Text),
    Column("customer_need", Text),
    Column("is_new", Boolean, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("alternatives", JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("current", Boolean, nullable=False, server_default=text("true")),
    Index("ix_proposals_current", "theme_id", unique=True, **only_where("current")),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("theme_id", ID, ForeignKey("themes.id")),
    Column("note_id", ID),
    Column("action", String(16), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("replaced", JSON, nullable=False),  # rows as they were, for undo
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("made_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Column("undone_by", Text),
    Index("ix_decisions_theme_id", "theme_id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("encoder", String(64), nullable=False),
    Column("params", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
)

lineage = Table(
    "lineage",
    metadata,
    Column("run_id", ID, ForeignKey("runs.id"), primary_key=True),
    Column("theme_id", ID, ForeignKey("themes.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),  # kept | split | merged | born | faded
    Column("other_theme_id", ID),
    Column("requests", Integer, nullable=False),
)
