"""Accounts, notes, themes, the taxonomy and keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.storage.column_types import Money, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _notes()
    _observations()
    _themes()
    _taxonomy()
    _version()
    op.execute("INSERT INTO data_version (id, version) VALUES (1, 0)")


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("arr", Money(), nullable=True),
        sa.Column("health", sa.String(length=16), nullable=True),
        sa.Column("renewal_date", sa.Date(), nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=True),
        sa.Column("csm_id", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("bare", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "csms",
        sa.Column("csm_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("bare", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("csm_id", name=op.f("pk_csms")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("csm_id", sa.String(length=255), nullable=True),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("csm_id", sa.String(length=255), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("revised_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="pending", nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("read_error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('pending','read')", name=op.f("ck_notes_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_notes_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["csm_id"], ["csms.csm_id"], name=op.f("fk_notes_csm_id_csms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_notes_source_external_id")),
    )
    op.create_index("ix_notes_account_id", "notes", ["account_id"], unique=False)
    op.create_index("ix_notes_occurred_at", "notes", ["occurred_at"], unique=False)
    op.create_index(
        "ix_notes_pending",
        "notes",
        ["received_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _observations() -> None:
    op.create_table(
        "tombstones",
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=True),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("accounts_count", sa.Integer(), nullable=False),
        sa.Column("feature_area", sa.Text(), nullable=False),
        sa.Column("customer_need", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("received_from", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_observations_idempotency_key")),
    )


def _themes() -> None:
    op.create_table(
        "themes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("merged_into", sa.String(length=64), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("label_by", sa.String(length=8), server_default="model", nullable=False),
        sa.Column("keyphrases", sa.JSON(), nullable=False),
        sa.Column("exemplars", sa.JSON(), nullable=False),
        sa.Column("born_seq", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("faded_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("delivery", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(status = 'merged') = (merged_into IS NOT NULL)", name=op.f("ck_themes_merged_into")
        ),
        sa.CheckConstraint(
            "origin IN ('item','cluster','split','unclassified')", name=op.f("ck_themes_origin")
        ),
        sa.CheckConstraint(
            "status IN ('proposed','accepted','rejected','merged')", name=op.f("ck_themes_status")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["themes.id"], name=op.f("fk_themes_merged_into_themes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
    )
    op.create_index("ix_themes_status", "themes", ["status"], unique=False)


def _taxonomy() -> None:
    op.create_table(
        "taxonomy_items",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("feature_area", sa.Text(), nullable=False),
        sa.Column("customer_need", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("theme_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed','live','retired')", name=op.f("ck_taxonomy_items_status")
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["themes.id"], name=op.f("fk_taxonomy_items_theme_id_themes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_items")),
        sa.UniqueConstraint(
            "feature_area",
            "customer_need",
            name=op.f("uq_taxonomy_items_feature_area_customer_need"),
        ),
    )
    op.create_index(
        "ix_taxonomy_items_live_theme",
        "taxonomy_items",
        ["theme_id"],
        unique=True,
        sqlite_where=sa.text("status = 'live'"),
        postgresql_where=sa.text("status = 'live'"),
    )


def _version() -> None:
    op.create_table(
        "data_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_version")),
    )
