"""Servers of the cases of the small cohort."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from processes import PATIENCE_S
from serving import scene_of, serving
from vesalius.adapters.view.pages import table_of
from vesalius.adapters.view.server import SceneServer


@pytest.fixture(scope="module")
def server(ran) -> Iterator[SceneServer]:
    """A server of the case `two`, which has a finding and a repair."""
    with serving(table_of(scene_of(ran / "out", "two"))) as server:
        yield server


class Asked:
    """An answer, read to its end."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()


@pytest.fixture
def ask(server):
    """Send a request as it is written, with any headers, and give the answer."""

    def asked(path: str, method: str = "GET", host: str | None = None) -> Asked:
        line = HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE_S)
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for each in [f"127.0.0.1:{server.server_port}"] if host is None else host.split("|"):
            line.putheader("Host", each)
        line.endheaders()
        answer = Asked(line.getresponse())
        line.close()
        return answer

    return asked
