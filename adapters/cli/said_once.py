"""What is said of many files, each thing once, and of how many others it is true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import click

from vesalius.adapters.cli.outcome import show
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.ontology.reading.diagnostics import Diagnostic

_FILES_SHOWN: Final = 5


class SaidOnce:
    """Shows a diagnostic whole when it is met first, and in the end the files that share it."""

    def __init__(self) -> None:
        self._others: dict[Diagnostic, dict[str, None]] = {}

    def show(self, diagnostics: Iterable[Diagnostic], file: str) -> None:
        """Write to stderr what was not said yet; an error of another file is another one.

        Parameters
        ----------
        diagnostics : iterable of Diagnostic
            In their order.
        file : str
            The file or folder that was read.
        """
        new = []
        for each in diagnostics:
            own = each.path == file and each.severity != "error"
            key = replace(each, path=None) if own else each
            if key in self._others:
                self._others[key][file] = None
            else:
                self._others[key] = {}
                new.append(each)
        show(new)

    def show_others(self) -> None:
        """Name the files of which something is true that was said of another one."""
        for said, files in self._others.items():
            if files:
                click.echo(
                    f"{said.severity}[{said.code}] the same of {plural(len(files), 'more file')}: "
                    f"{listing([*files], _FILES_SHOWN)}",
                    err=True,
                )
