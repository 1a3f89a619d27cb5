"""Sign in and out: with a key in a form, or by the organisation's single sign-on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from models.errors import (
    Forbidden,
    GroundswellError,
    InvalidInput,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from service.cross_site import refuse_cross_site
from service.dependencies import (
    FormBody,
    Services,
    ServicesOf,
    caller_address,
    holder_of_session,
    is_https,
)
from service.errors import headers_of, status_of
from service.flows.sessions import Session, open_session, sign_on
from service.security import LOCAL, Principal
from service.session_seal import SESSION_COOKIE, SIGN_ON_COOKIE
from service.sign_on import CALLBACK_PATH, Attempt, SignOn
from service.web.answering import PageRoute, Text, draw
from service.web.contexts import SignInPage
from service.web.figures import link

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LOGIN = "/login"
# How long a person may stay with the provider.
_ATTEMPT_LASTS = timedelta(minutes=10)


@router.get(LOGIN)
def show(request: Request, services: ServicesOf, next: Text = "/") -> Response:
    """The form; or, to somebody who is signed in, as whom, and the way out."""
    return _page(services, next, who=_who(request, services))


@router.post(LOGIN)
def sign_in(request: Request, services: ServicesOf, body: FormBody) -> Response:
    """Take a key, and answer with a session."""
    refuse_cross_site(request.method, request.headers)
    form = _fields(body.data)
    target = local_path(form.get("next", "/"))
    now, address = services.clock(), caller_address(request)
    try:
        services.limits.check_logins(address, now.timestamp())
        session = open_session(
            services.store,
            form.get("key", "").strip(),
            now=now,
            hours=services.settings.session_hours,
        )
    except Unauthenticated as refusal:
        services.limits.count_failed_login(address, now.timestamp())
        return _page(services, target, refusal=refusal)
    except TooMany as refusal:
        return _page(services, target, refusal=refusal)
    return _begin(request, services, session, target, now=now)


@router.post("/logout")
def sign_out(request: Request, services: ServicesOf) -> Response:
    """Forget the session in this browser."""
    refuse_cross_site(request.method, request.headers)
    answer = _redirect(LOGIN)
    answer.delete_cookie(SESSION_COOKIE, secure=is_https(request, services), httponly=True)
    return answer


@router.get("/login/oidc")
def ask_provider(request: Request, services: ServicesOf, next: Text = "/") -> Response:
    """Send the browser to the identity provider, with what it must bring back in a cookie."""
    provider = _provider(services)
    try:
        address, attempt = provider.ask(_callback(request, services))
    except Unavailable as trouble:
        return _page(services, next, refusal=trouble)
    sealed = services.session_seal().seal_values(
        SIGN_ON_COOKIE,
        {
            "state": attempt.state,
            "nonce": attempt.nonce,
            "verifier": attempt.verifier,
            "next": local_path(next),
        },
        until=services.clock() + _ATTEMPT_LASTS,
    )
    answer = _redirect(address)
    answer.set_cookie(
        SIGN_ON_COOKIE,
        sealed,
        max_age=int(_ATTEMPT_LASTS.total_seconds()),
        path=f"{LOGIN}/oidc",
        secure=is_https(request, services),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(CALLBACK_PATH)
def return_from_provider(request: Request, services: ServicesOf) -> Response:
    """Take in whom the provider vouches for."""
    provider, now = _provider(services), services.clock()
    target = "/"
    try:
        kept = services.session_seal().open_values(
            SIGN_ON_COOKIE, request.cookies.get(SIGN_ON_COOKIE, ""), now=now
        )
        target = local_path(kept["next"])
        who = provider.take(
            Attempt(kept["state"], kept["nonce"], kept["verifier"]),
            dict(request.query_params),
            redirect_uri=_callback(request, services),
            now=now,
        )
        hours = services.settings.session_hours
        session = sign_on(services.store, who, now=now, hours=hours)
    except (Unauthenticated, Forbidden, Unavailable, InvalidInput) as refusal:
        return _page(services, target, refusal=refusal)
    answer = _begin(request, services, session, target, now=now)
    answer.delete_cookie(SIGN_ON_COOKIE, path=f"{LOGIN}/oidc")
    return answer


def local_path(address: str) -> str:
    """`address` when it is a place on this site, else `/`: a link must lead nobody elsewhere."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    # Browsers take a backslash for a slash, and drop tabs and line ends.
    odd = "\\" in address or not address.isprintable() or address.startswith("//")
    if odd or parts.scheme or parts.netloc or not address.startswith("/"):
        return "/"
    return address


def _who(request: Request, services: Services) -> Principal | None:
    if services.settings.auth == "off":
        return LOCAL
    shown = request.cookies.get(SESSION_COOKIE)
    try:
        return None if shown is None else holder_of_session(services, shown)
    except Unauthenticated:
        return None


def _page(
    services: Services,
    target: str,
    *,
    who: Principal | None = None,
    refusal: GroundswellError | None = None,
) -> Response:
    target = local_path(target)
    has_provider = services.sign_on is not None
    shown = SignInPage(
        next=target,
        refused="" if refusal is None else refusal.message,
        name="" if who is None else who.name,
        role="" if who is None else who.role.value,
        can_sign_out=who is not None and who.signed_in,
        sign_on_link=link(f"{LOGIN}/oidc", {"next": target}) if has_provider else "",
    )
    if refusal is None:
        return draw("login.html", shown, who=who, here=LOGIN)
    headers = {} if isinstance(refusal, Unauthenticated) else headers_of(refusal)
    return draw(
        "login.html", shown, who=who, here=LOGIN, status=status_of(refusal), headers=headers
    )


def _begin(
    request: Request, services: Services, session: Session, target: str, *, now: datetime
) -> Response:
    answer = _redirect(target)
    answer.set_cookie(
        SESSION_COOKIE,
        services.session_seal().seal(session.holder.id, until=session.until),
        max_age=int((session.until - now).total_seconds()),
        secure=is_https(request, services),
        httponly=True,
        samesite="lax",
    )
    return answer


def _redirect(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def _callback(request: Request, services: Services) -> str:
    ours = services.settings.public_url or str(request.base_url)
    return ours.rstrip("/") + CALLBACK_PATH


def _provider(services: Services) -> SignOn:
    if services.sign_on is None or services.settings.auth == "off":
        raise NotFound("Single sign-on is not set up here.", code="not_found")
    return services.sign_on


def _fields(data: bytes) -> Mapping[str, str]:
    try:
        fields = parse_qs(data.decode(), keep_blank_values=True, max_num_fields=10)
    except (UnicodeDecodeError, ValueError):
        raise InvalidInput("The form can't be read; reload the page.", code="broken_form") from None
    return {name: values[-1] for name, values in fields.items()}
