"""The server in front of slow and broken callers, over real sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from service import server
from service.app import create_app
from service.settings import Settings
from service.storage.engine import Store
from tests.api.conftest import NOW, no_language, note

PATIENCE = 0.5


@pytest.fixture
def address(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server that soon loses patience."""
    monkeypatch.setattr(server, "HEAD_SECONDS", PATIENCE)
    settings = Settings(auth="off", body_timeout=PATIENCE)
    app = create_app(settings, sqlite_store, language=no_language, clock=lambda: NOW)
    running = server.make_server(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[:2]
        finally:
            running.should_exit = True
            thread.join()


def connected(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=30)


def head(length: int, path: str = "/notes") -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}")
    return "\r\n".join((*lines, "Content-Type: application/x-ndjson", "", "")).encode()


def answer_of(caller: socket.socket) -> tuple[int, Any]:
    """Status and body of the one answer, after the server has closed."""
    data = b""
    # A byte of ours that crossed with the answer makes a reset of the close.
    with suppress(ConnectionResetError):
        while part := caller.recv(65_536):
            data += part
    top, _, body = data.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body)


def dribble(caller: socket.socket, data: bytes) -> None:
    """A byte at a time, until the server has had enough."""
    for place in range(len(data)):
        try:
            caller.sendall(data[place : place + 1])
        except OSError:
            return
        time.sleep(PATIENCE / 5)
        if _has_answer(caller):
            return


def _has_answer(caller: socket.socket) -> bool:
    caller.setblocking(False)
    try:
        caller.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        caller.settimeout(30)
    return True


def test_a_body_that_comes_byte_by_byte_is_cut_off_with_408(address: tuple[str, int]) -> None:
    with connected(address) as caller:
        caller.sendall(head(1_000))
        dribble(caller, b" " * 1_000)
        status, body = answer_of(caller)
    assert (status, body["error"]["code"]) == (408, "body_too_slow")


def test_many_slow_callers_keep_nobody_else_waiting(address: tuple[str, int]) -> None:
    with ExitStack() as stack:
        # More than there are threads.
        slow = []
        for _ in range(60):
            slow.append(stack.enter_context(connected(address)))
            slow[-1].sendall(head(1_000) + b" ")
        body = json.dumps(note()).encode()
        quick = stack.enter_context(connected(address))
        quick.sendall(head(len(body)).replace(b"Host", b"Connection: close\r\nHost") + body)
        assert answer_of(quick)[0] == 202
        assert {answer_of(caller)[0] for caller in slow} == {408}


def test_a_body_that_takes_long_at_a_fair_pace_is_taken(address: tuple[str, int]) -> None:
    lines = b"".join(json.dumps(note(external_id=f"n-{n}")).encode() + b"\n" for n in range(1_000))
    parts = [lines[place : place + 32_768] for place in range(0, len(lines), 32_768)]
    with connected(address) as caller:
        top = head(len(lines), "/notes/batch")
        caller.sendall(top.replace(b"Host", b"Connection: close\r\nHost"))
        for part in parts:
            caller.sendall(part)
            time.sleep(PATIENCE / 3)
        status, body = answer_of(caller)
    assert len(parts) >= 4
    assert (status, body["accepted"]) == (200, 1_000)


@pytest.mark.parametrize("data", [b"", head(10)])
def test_a_head_that_does_not_come_to_its_end_is_cut_off(
    address: tuple[str, int], data: bytes
) -> None:
    with connected(address) as caller:
        dribble(caller, data[:-2])
        with suppress(ConnectionResetError):
            assert caller.recv(1) == b""


def test_a_second_head_on_a_connection_is_timed_too(address: tuple[str, int]) -> None:
    with connected(address) as caller:
        body = json.dumps(note()).encode()
        caller.sendall(head(len(body)) + body)
        answer = b""
        while not answer.endswith(b"}"):
            answer += caller.recv(65_536)
        assert answer.startswith(b"HTTP/1.1 202")
        dribble(caller, head(10)[:-2])
        with suppress(ConnectionResetError):
            assert caller.recv(1) == b""


@pytest.mark.parametrize("data", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nHost\r\n\r\n"])
def test_what_is_no_request_gets_the_one_error_shape(address: tuple[str, int], data: bytes) -> None:
    with connected(address) as caller:
        caller.sendall(data)
        status, body = answer_of(caller)
    assert status == 400
    assert set(body["error"]) == {"code", "message", "field", "request_id"}
