"""Which themes a write touched, as noted by the database itself so that no writer can forget it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What a theme's evidence is made of; a machine's confidence, say, is not.
_WEIGHING = (
    "theme_id",
    "account_id",
    "csm_id",
    "occurred_at",
    "severity",
    "text_key",
    "dismissed",
)
# Table -> the subjects that its rows are about, and the columns that matter; none is all.
_SUBJECTS = {
    "requests": (("coalesce({row}.theme_id, 'waiting')",), _WEIGHING),
    "themes": (("{row}.id",), ()),
    "taxonomy_items": (("{row}.theme_id", "'taxonomy'"), ()),
    "accounts": (("'portfolio'",), ()),
    "csms": (("'portfolio'",), ()),
}
_TOUCH = """
    INSERT INTO touched (subject, version)
    SELECT {subject}, version FROM data_version WHERE {subject} IS NOT NULL
    ON CONFLICT (subject) DO UPDATE SET version = excluded.version
    WHERE touched.version <> excluded.version;
"""
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def upgrade() -> None:
    op.create_table(
        "touched",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_touched")),
    )
    op.create_index("ix_touched_version", "touched", ["version"])
    write = _on_postgresql if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    for table in _SUBJECTS:
        for change in _ROWS:
            write(table, change)


def _on_sqlite(table: str, change: str) -> None:
    op.execute(f"""
        CREATE TRIGGER touch_{table}_{change.lower()} AFTER {change} ON {table}
        {_condition(table, change, "IS NOT")}
        BEGIN {_touches(table, change)} END
    """)


def _on_postgresql(table: str, change: str) -> None:
    name = f"touch_{table}_{change.lower()}"
    op.execute(f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
        SET search_path FROM CURRENT AS $$
        BEGIN {_touches(table, change)} RETURN NULL; END $$
    """)
    op.execute(f"""
        CREATE TRIGGER {name} AFTER {change} ON {table} FOR EACH ROW
        {_condition(table, change, "IS DISTINCT FROM")}
        EXECUTE FUNCTION {name}()
    """)


def _touches(table: str, change: str) -> str:
    return "".join(
        _TOUCH.format(subject=subject.format(row=row))
        for subject in _SUBJECTS[table][0]
        for row in _ROWS[change]
    )


def _condition(table: str, change: str, differs: str) -> str:
    columns = _SUBJECTS[table][1]
    if change != "UPDATE" or not columns:
        return ""
    return f"WHEN ({' OR '.join(f'OLD.{name} {differs} NEW.{name}' for name in columns)})"
