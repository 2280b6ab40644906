"""Whom the server answers, and what it gives."""

from __future__ import annotations

import socket

import pytest

from serving import serving
from vesalius.adapters.view.server import SceneServer


def test_the_page_and_what_it_asks_for_are_there(server, ask):
    home = f"/{server.token}/"
    for name, kind in {
        "": "text/html", "view.js": "text/javascript", "view.css": "text/css",
        "niivue.js": "text/javascript", "scene.json": "application/json",
        "after.nii": "application/octet-stream", "LICENSES.txt": "text/plain",
    }.items():  # fmt: skip
        answer = ask(home + name)
        assert answer.status == 200, name
        assert answer.headers["Content-Type"].split(";")[0] == kind
        assert int(answer.headers["Content-Length"]) == len(answer.body) > 0


def test_head_says_the_same_without_a_body(server, ask):
    path = f"/{server.token}/after.nii"
    whole, head = ask(path), ask(path, "HEAD")
    assert head.body == b""
    ours = {key: value for key, value in whole.headers.items() if key != "Date"}
    assert {key: value for key, value in head.headers.items() if key != "Date"} == ours


@pytest.mark.parametrize(
    "path",
    ["/", "/scene.json", "//", "/{token}", "/{token}x/", "/x{token}/", "/{token}/nothing",
     "/{token}//", "/{token}/./", "/{token}/../", "/{token}/..%2f..%2fetc%2fpasswd",
     "/{token}/../../../../../etc/passwd", "/{token}//etc/passwd", "/{token}/page/index.html",
     "/{token}/%2e%2e/", "/{token}/scene.json/", "/{token}/?x", "/{other}/scene.json",
     "/%C3%A9/", "http://127.0.0.1/{token}/"],
)  # fmt: skip
def test_nothing_else_is_there(server, ask, path):
    answer = ask(path.format(token=server.token, other="A" * len(server.token)))
    assert answer.status == 404
    assert answer.body == b"there is nothing here\n"


@pytest.mark.parametrize(
    "host",
    ["evil.example:{port}", "evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "",
     "127.0.0.1.evil.example:{port}", "[::1]:{port}", "127.0.0.1:{port}|evil.example",
     "127.0.0.1:{port}|127.0.0.1:{port}"],
)  # fmt: skip
def test_another_host_is_refused_even_with_the_token(server, ask, host):
    answer = ask(f"/{server.token}/scene.json", host=host.format(port=server.server_port))
    assert answer.status == 403
    assert b"schema" not in answer.body


def test_localhost_is_this_machine_too(server, ask):
    assert ask(f"/{server.token}/", host=f"localhost:{server.server_port}").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_only_gives(server, ask, method):
    assert ask(f"/{server.token}/", method).status == 501


def test_what_comes_may_do_nothing_elsewhere(server, ask):
    headers = ask(f"/{server.token}/").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Python" not in headers["Server"]


def test_it_listens_on_this_machine_alone_and_tokens_are_not_alike(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"
    with SceneServer({}) as other:
        assert other.token != server.token
        assert len(other.token) >= 24
        assert other.server_port != server.server_port


def test_a_reader_that_goes_away_stops_nothing(server, ask, capfd):
    line = socket.create_connection(("127.0.0.1", server.server_port))
    line.sendall(f"GET /{server.token}/niivue.js HTTP/1.1\r\nHost: 127.0.0.1:".encode())
    line.close()
    assert ask(f"/{server.token}/scene.json").status == 200
    assert capfd.readouterr().err == ""


def test_a_mistake_in_a_request_is_a_line_and_no_traceback(capfd):
    def broken():
        raise RuntimeError("broken")

    with (
        serving({"x": broken}) as server,
        socket.create_connection(("127.0.0.1", server.server_port)) as line,
    ):
        host = f"127.0.0.1:{server.server_port}"
        line.sendall(f"GET /{server.token}/x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert line.recv(100) == b""
    assert capfd.readouterr().err == "error: a request failed: RuntimeError: broken\n"
