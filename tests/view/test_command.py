"""`vesalius view`: the address it says, how it ends, and what it cannot show.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from calling import call_vesalius
from processes import PATIENCE_S

GOLDEN = Path(__file__).parent / "golden"


def test_it_serves_until_ctrl_c(ran, interruptible):
    words = [sys.executable, "-m", "vesalius", "view", "out", "two"]
    quiet = {name: value for name, value in os.environ.items() if name not in
             ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}  # fmt: skip
    process = subprocess.Popen(
        words, cwd=ran, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    address = process.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{24,}/", address)
    # Whatever proxy the environment names.
    direct = build_opener(ProxyHandler({}))
    with direct.open(address) as answer:
        assert b"<h1>" in answer.read()
    with pytest.raises(HTTPError, match="404") as refused:
        direct.open(address.rsplit("/", 2)[0] + "/scene.json")
    refused.value.close()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 130
    assert [line for line in said.splitlines() if line] == [
        "this address is for you alone; Ctrl-C ends it",
        *(["no screen here: from another machine `ssh -L` brings the port there"]
          if sys.platform.startswith("linux") else []),
        "interrupted",
    ]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("stdout", [">&-", ">/dev/null", ">/dev/full"])
def test_the_address_is_told_on_stderr_where_stdout_takes_none(ran, stdout):
    words = f"exec '{sys.executable}' -m vesalius view --no-browser out two {stdout}"
    process = subprocess.Popen(
        ["sh", "-c", words], cwd=ran, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    address = process.stderr.readline().strip()
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{24,}/", address)


def a_case_is_not_named(ran):
    return "VIE001", ["out"]


def a_misspelt_case(ran):
    return "VIE001", ["out", "too"]


def a_case_that_failed(ran):
    return "VIE001", ["out", "broken"]


def a_file_without_scheme(ran):
    return "VIE002", ["preds/two.nii.gz"]


def a_port_in_use(ran):
    return "VIE003", ["out", "two", "--no-browser", "--port", "{port}"]


@pytest.mark.parametrize(
    "make",
    [a_case_is_not_named, a_misspelt_case, a_case_that_failed, a_file_without_scheme,
     a_port_in_use],
)  # fmt: skip
def test_messages(ran, make):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, words = make(ran)
        done = call_vesalius("view", *(word.format(port=port) for word in words), cwd=ran)
    assert done.returncode == 2
    assert done.stdout == ""
    text = done.stderr.replace(f"port {port}", "port 4000")
    path = GOLDEN / f"{code}-{make.__name__}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()
    assert f"[{code}]" in text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 2, "REP001"),
        (["nowhere.nii.gz", "--scheme", "amos22"], 3, "IO001"),
        (["preds/two.nii.gz", "--scheme", "nothing"], 2, "SCH001"),
        (["preds/broken.nii.gz", "--scheme", "amos22"], 4, "IO0"),
        (["preds/two.nii.gz", "two", "--scheme", "amos22"], 2, "which has no cases"),
        (["out", "two", "--image", "images/two.nii.gz"], 2, "not for a run"),
        (["out", "two", "--port", "70000"], 2, "65535"),
    ],
)
def test_other_mistakes_are_told_as_everywhere(ran, words, code, said):
    done = call_vesalius("view", *words, cwd=ran)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("screen", "options", "opens"),
    [({"DISPLAY": ":0"}, [], True), ({"DISPLAY": ":0"}, ["--no-browser"], False), ({}, [], False)],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_a_browser_is_opened_where_there_is_a_screen(ran, monkeypatch, screen, options, opens):
    def end(server):
        raise KeyboardInterrupt

    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("vesalius.adapters.view.server.SceneServer.serve_forever", end)
    inside = {name: value for name, value in os.environ.items() if name not in
              ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}  # fmt: skip
    done = call_vesalius("view", "out", "two", *options, cwd=ran, environment={**inside, **screen})
    assert done.returncode == 130
    assert opened == ([done.stdout.strip()] if opens else [])
