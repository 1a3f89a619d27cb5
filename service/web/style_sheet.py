"""The one style sheet: what all pages share, then each page's own rules, a file each."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from service.web.pages import HERE

STYLES = HERE / "styles"
# In the order of the cascade.
SHEETS = (
    "base",
    "parts",
    "review",
    "signals",
    "themes",
    "map",
    "taxonomy",
    "waiting",
    "notes",
    "reports",
    "process",
    "digest",
    "simulator",
)


class StyleSheet:
    """Answers with all of it in one; a browser that has it already hears so."""

    def __init__(self, folder: Path = STYLES) -> None:
        parts = [(folder / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS]
        self._css = "\n".join(parts).encode()
        self._etag = f'"{hashlib.blake2b(self._css, digest_size=12).hexdigest()}"'

    def answer(self, request: Request) -> Response:
        """The style sheet, or 304."""
        headers = {"ETag": self._etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=headers)
        return Response(self._css, media_type="text/css", headers=headers)
