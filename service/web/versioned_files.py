"""Libraries that browsers run, served from this package and kept by the browser."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles


class VersionedFiles(StaticFiles):
    """Files whose names say their version, so that nobody need ask again for a year."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """As of any file, with how long it may be kept."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
