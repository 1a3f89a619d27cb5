"""The HTTP server: uvicorn, with an end to its patience and errors in the one shape."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.errors import error_body
from service.rendering import to_json

# From the connection, or the answer before, to the end of a request's head.
HEAD_SECONDS = 15.0
IDLE_SECONDS = 10
STOP_SECONDS = 10


class ImpatientProtocol(H11Protocol):
    """Closes a connection whose request's head does not come; uvicorn itself would wait forever.

    It costs us a socket alone: no thread and no task is behind it before the head is whole.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_timer is None and self.conn.their_state is h11.IDLE:
            self._expect_head()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP request, answered as every other error."""
        body = error_body(
            "bad_request",
            "This is not a well-formed HTTP request.",
            request_id=uuid.uuid4().hex,
        )
        data = to_json(body).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(data)).encode()),
            (b"connection", b"close"),
        ]
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=data), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def make_server(app: Any) -> uvicorn.Server:
    """The server of an application; `run(sockets=[...])` serves until it is told to stop."""
    config = uvicorn.Config(
        app,
        http=ImpatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return uvicorn.Server(config)
