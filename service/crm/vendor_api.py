"""A vendor's HTTP API with JSON: patient with its limits, plain about its refusals."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.errors import Unavailable

if TYPE_CHECKING:
    import httpx
    import tenacity

_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 6
_LONGEST_WAIT_SECONDS = 300.0
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class _TryAgain(Exception):
    """The vendor is busy or out of reach; `wait` is what it asked for, in seconds."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class VendorApi:
    """Calls of one vendor's API. Use as a context manager: it keeps connections open.

    `sleep` and `transport` are for tests.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        import httpx

        self._vendor = vendor
        self._sleep = sleep
        # A redirect could carry the key to another host.
        self._client = httpx.Client(
            base_url=base_url,
            headers={**headers, "Accept": "application/json"},
            timeout=_TIMEOUT_SECONDS,
            transport=transport,
            follow_redirects=False,
        )

    def __enter__(self) -> VendorApi:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """A GET's JSON. Raises as `_send`."""
        return self._send("GET", path, params=params)

    def post(self, path: str, body: object) -> Any:
        """A POST of JSON, and the JSON it answers. Raises as `_send`."""
        return self._send("POST", path, json=body)

    def post_form(self, path: str, form: Mapping[str, str]) -> Any:
        """A POST of a form, and the JSON it answers. Raises as `_send`."""
        return self._send("POST", path, data=form)

    def authorise(self, token: str) -> None:
        """Send this bearer token from now on."""
        self._client.headers["Authorization"] = f"Bearer {token}"

    def _send(self, method: str, path: str, **options: Any) -> Any:
        """One call, tried up to six times where the vendor is busy, at the pace it asks for.

        Raises:
            Unavailable: `vendor_unavailable` once it stays busy or out of reach;
                `vendor_refused` where trying again is no use. Never with the vendor's text,
                which may quote notes or keys.
        """
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TryAgain),
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._send_once, method, path, options)
        except _TryAgain as busy:
            raise Unavailable(
                f"{self._vendor} does not answer ({busy}); what was pulled so far is stored, run"
                " the command again later.",
                code="vendor_unavailable",
            ) from None

    def _send_once(self, method: str, path: str, options: Mapping[str, Any]) -> Any:
        import httpx

        try:
            answer = self._client.request(method, path, **options)
        except httpx.TransportError as broken:
            raise _TryAgain(type(broken).__name__) from None
        if answer.status_code in _AGAIN:
            raise _TryAgain(f"HTTP {answer.status_code}", _asked_wait(answer))
        if not answer.is_success:
            raise self._refusal(answer.status_code)
        try:
            return answer.json()
        except ValueError:
            raise _TryAgain("an answer that is not JSON") from None

    def _refusal(self, status: int) -> Unavailable:
        mend = {
            401: "check the key or the client's id and secret",
            403: "give the key the right to read these objects, or wait for the day's limit",
            404: "check the address",
        }.get(status, "check the mapping's field names")
        return Unavailable(
            f"{self._vendor} refuses the call (HTTP {status}); {mend}.", code="vendor_refused"
        )


def _asked_wait(answer: httpx.Response) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None


def _wait(state: tenacity.RetryCallState) -> float:
    """What the vendor asked for, else 1, 2, 4 ... seconds."""
    failure = state.outcome.exception() if state.outcome is not None else None
    asked = failure.wait if isinstance(failure, _TryAgain) else None
    return min(_LONGEST_WAIT_SECONDS, asked if asked is not None else 2.0**state.attempt_number / 2)
