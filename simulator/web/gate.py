"""What stands between the browser and the page: who may speak to it, and with how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
#: Nothing is fetched from elsewhere, nothing embeds the page. Shiny's own code is inline in part.
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Gate:
    """An ASGI application around another.

    A page that listens for this computer alone answers only to its own names, so that no foreign
    site can reach it under a name of its own; a web socket is opened only by the page itself; and
    nothing is uploaded: the page sends texts as messages, whose size is limited.
    """

    def __init__(self, app: ASGIApp, *, local: bool) -> None:
        self._app, self._local = app, local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {key.lower(): value for key, value in scope["headers"]}
        host = headers.get(b"host", b"").decode("latin-1")
        if self._local and _split(f"//{host}").hostname not in _LOCAL:
            await _refuse(scope, receive, send, 421)
        elif scope["type"] == "websocket":
            origin = headers.get(b"origin", b"").decode("latin-1")
            if origin and _split(origin).netloc != host:
                await _refuse(scope, receive, send, 403)
            else:
                await self._app(scope, receive, send)
        elif scope.get("method") not in ("GET", "HEAD"):
            await _refuse(scope, receive, send, 405)
        else:
            await self._app(scope, receive, _with_headers(send))


def _split(url: str) -> SplitResult:
    """Return the parts of an address; those of an empty one where it is none."""
    try:
        return urlsplit(url)
    except ValueError:  # a bracket that is not closed, for one
        return urlsplit("")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_HEADERS]}
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": []}
    await send(start)
    await send({"type": "http.response.body", "body": b"refused\n"})
