"""The command, called in this process: what it says, and the code it would end with.

A process of its own costs more than a second of imports and of reading the ontology before the
command does anything. Here only the first call pays for that. What only a process can show (its
streams, signals, locale and imports) is tested on the installed command, and
`cli/test_installed.py` shows that both say the same.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard


def call_vesalius(
    *arguments: object,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    one_stream: bool = False,
) -> CompletedProcess[str]:
    """Call the command with arguments as a shell would give them.

    Parameters
    ----------
    *arguments : object
        Each as text.
    cwd : Path, optional
        Where; by default here.
    environment : mapping of str to str, optional
        All of it; by default ours. `NO_COLOR` is added.
    one_stream : bool
        Whether all that is said comes as stdout, in the order in which it is said.
    """
    words = [str(argument) for argument in arguments]
    out = _stream()
    err = out if one_stream else _stream()
    before = Path.cwd()
    inside = {**(os.environ if environment is None else environment), "NO_COLOR": "1"}
    with (
        patch.dict(os.environ, inside, clear=True),
        patch.object(sys, "argv", ["vesalius", *words]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        os.chdir(before if cwd is None else cwd)
        try:
            code = guard(cli, words)
        finally:
            os.chdir(before)
    return CompletedProcess(
        ["vesalius", *words], code, _said(out), "" if one_stream else _said(err)
    )


def _stream() -> io.TextIOWrapper:
    # As the streams of a process of its own, which refuse no name of a file.
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", errors="backslashreplace")


def _said(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
