"""A server of one scene, for a browser on this machine alone.

It listens on 127.0.0.1. Its addresses begin with a random token, which neither another user of the
machine nor a page from elsewhere can guess; and it answers only requests that name it as
127.0.0.1 or localhost, so that a name which somebody else points at this machine (DNS rebinding)
leads nowhere. What it can give is a table of names that is laid at the start: no path of a request
is ever one of the disk.
"""

from __future__ import annotations

import hmac
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

ADDRESS = "127.0.0.1"
_NAMES = (ADDRESS, "localhost")
_TOKEN_BYTES = 18
_PATIENCE_S = 30.0
"""How long a connection may be silent."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, eq=False)
class Content:
    """What an address gives.

    Parameters
    ----------
    kind : str
        Its media type.
    n_bytes : int
        Its length.
    blocks : callable
        Gives it in parts.
    status : HTTPStatus
        Not OK where it only says why there is nothing.
    """

    kind: str
    n_bytes: int
    blocks: Callable[[], Iterator[bytes]]
    status: HTTPStatus = HTTPStatus.OK


def content_of(kind: str, body: bytes, status: HTTPStatus = HTTPStatus.OK) -> Content:
    """Make a content of bytes that are at hand."""
    return Content(kind, len(body), lambda: iter((body,)), status)


Table = Mapping[str, Callable[[], Content]]
"""What gives the content of each name; asked at every request."""


class SceneServer(ThreadingHTTPServer):
    """A server of a table of names, at a random address of this machine.

    Parameters
    ----------
    table : mapping of str to callable
        What there is; the page itself has the name "".
    port : int
        Where; 0 for any that is free.

    Raises
    ------
    DiagnosticError
        VIE003 where the port cannot be had.
    """

    daemon_threads = True

    def __init__(self, table: Table, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.lock = threading.Lock()
        self.table = table
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            text = f"port {port} cannot be used: {error.strerror}"
            hint = "without --port a free one is taken"
            raise DiagnosticError([Diagnostic("VIE003", "error", text, help=hint)]) from None

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """Say what went wrong in a line; a browser that went away is nothing to speak of."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"error: a request failed: {type(error).__name__}: {error}\n")


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD for the names of the table, and nothing else."""

    server: SceneServer
    protocol_version = "HTTP/1.1"
    server_version = "vesalius"
    sys_version = ""
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """Give what there is at an address."""
        content = self._found()
        self._begin(content)
        for block in content.blocks():
            self.wfile.write(block)

    def do_HEAD(self) -> None:
        """Give only what is said before it."""
        self._begin(self._found())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of every request."""

    def _begin(self, content: Content) -> None:
        self.send_response(content.status)
        self.send_header("Content-Type", content.kind)
        self.send_header("Content-Length", str(content.n_bytes))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def _found(self) -> Content:
        if self.headers.get_all("Host", []) not in self._hosts():
            return _refused(HTTPStatus.FORBIDDEN, "this server answers to 127.0.0.1 alone")
        make = self._asked()
        if make is None:
            return _refused(HTTPStatus.NOT_FOUND, "there is nothing here")
        # A map that is made now is not made twice.
        with self.server.lock:
            return make()

    def _hosts(self) -> list[list[str]]:
        return [[f"{name}:{self.server.server_port}"] for name in _NAMES]

    def _asked(self) -> Callable[[], Content] | None:
        """Find what a path asks for: exactly /TOKEN/NAME."""
        _, _, rest = self.path.partition("/")
        token, slash, name = rest.partition("/")
        known = hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode())
        return self.server.table.get(name) if known and slash else None


def _refused(status: HTTPStatus, text: str) -> Content:
    return content_of(TEXT, text.encode() + b"\n", status)
