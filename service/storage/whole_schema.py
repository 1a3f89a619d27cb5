"""The metadata with every table in it: what migrations are held against."""

from service.storage import operating_tables, tables
from service.storage.metadata import metadata

__all__ = ["metadata", "operating_tables", "tables"]
