"""Who may speak to the page."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.web.gate import Gate
from tests.unit.web.own_loop import run


async def _inner(scope: Any, _receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body", "body": b"page"})


def asked(
    *, local: bool = True, kind: str = "http", method: str = "GET", **headers: str
) -> list[dict[str, Any]]:
    """Return what the gate sends."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": kind,
        "method": method,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    run(Gate(_inner, local=local)(scope, receive, send))
    return sent


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_this_computer_is_let_in(host: str) -> None:
    start, body = asked(host=host)
    assert (start["status"], body["body"]) == (200, b"page")
    headers = dict(start["headers"])
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert b"connect-src 'self';" in headers[b"content-security-policy"]  # to no other host
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"a"] == b"b"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8000", "", "a@b:c", "[", "[::1"]
)
def test_a_foreign_name_is_refused(host: str) -> None:
    assert asked(host=host)[0]["status"] == 421


def test_any_name_will_do_where_others_are_let_in() -> None:
    assert asked(local=False, host="planner.example")[0]["status"] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_uploaded(method: str) -> None:
    assert asked(host="localhost", method=method)[0]["status"] == 405


def test_only_the_page_itself_opens_a_socket() -> None:
    own = asked(kind="websocket", host="localhost:8000", origin="http://localhost:8000")
    assert own == [{"type": "websocket.accept"}]
    for origin in ("http://evil.example", "http://localhost:9000", "null", "http://["):
        foreign = asked(kind="websocket", host="localhost:8000", origin=origin)
        assert foreign == [{"type": "websocket.close", "code": 1008}]
