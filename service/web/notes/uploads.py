"""A file out of a form, on disk: read as it comes, and never more of it than is allowed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from models.errors import InvalidInput
from service.dependencies import MAX_BATCH_BYTES, paced

# The file's own parts of the form are short words.
_MOST_FIELDS, _MOST_FIELD_BYTES = 10, 1_024


async def _form(request: Request) -> AsyncGenerator[FormData]:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput("The form can't be read; reload the page.", code="broken_form")
    parser = MultiPartParser(
        request.headers,
        paced(request, MAX_BATCH_BYTES),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=_MOST_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise InvalidInput("The form can't be read; reload the page.", code="broken_form") from None
    try:
        yield form
    finally:
        await form.close()


FileForm = Annotated[FormData, Depends(_form)]


def file_in(form: FormData) -> UploadFile:
    """The file that was chosen.

    Raises:
        InvalidInput: `no_file`.
    """
    chosen = form.get("file")
    if not isinstance(chosen, UploadFile) or not chosen.filename:
        raise InvalidInput("Choose a file first: .csv or .jsonl.", code="no_file", field="file")
    return chosen


def word_in(form: FormData, name: str) -> str:
    """A short field of the form; '' where it is not there."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
