"""Keep pages of other web sites from writing with the rights of the browser they are open in.

A browser sends our cookie, or reaches this machine, for any page that asks it to. Two headers
that a page can't forge say whose page it is: Sec-Fetch-Site (https and localhost, since 2023
in every browser) and Origin (on every write, everywhere). No token in forms is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})  # none: typed, or from a bookmark


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """True when a browser says that another site's page made this request.

    Neither header means no browser, which sends only what its user made it send.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OURS
    origin = headers.get("origin")
    # The host alone: a proxy may have taken https off.
    return origin is not None and origin.split("://", 1)[-1] != headers.get("host", "")


def refuse_cross_site(method: str, headers: Mapping[str, str]) -> None:
    """Refuse a write that another site's page asked for.

    Raises:
        Forbidden: `cross_site`.
    """
    if method not in SAFE_METHODS and is_cross_site(headers):
        raise Forbidden("Other web sites may not write here.", code="cross_site")
