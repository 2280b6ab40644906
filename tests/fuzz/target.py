"""One way for a file into the program, and what may be wrong with what comes of it.

A target has seeds (files that are right), a mutation, and a reading: it gives "read" or "refused",
or raises :class:`SilentChangeError` where what was read is not what another library reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzz.mutating import Mutation
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import render_human

READ, REFUSED = "read", "refused"


class SilentChangeError(Exception):
    """Something was read that is not in the file."""


class PartialError(Exception):
    """Something was left behind that is neither the old nor the new."""


@dataclass(frozen=True)
class Target:
    """One way for a file into the program.

    Parameters
    ----------
    name : str
        Of the file that is mutated.
    seeds : tuple of bytes
        What is mutated.
    mutate : callable
        From a seed to an input.
    read : callable
        Reads the file; gives READ or REFUSED.
    """

    name: str
    seeds: tuple[bytes, ...]
    mutate: Mutation
    read: Callable[[Path], str]


def attempt(target: Target, path: Path) -> str:
    """Read a file; a diagnostic is an answer, everything else is raised."""
    try:
        return target.read(path)
    except DiagnosticError as error:
        render_human(error.diagnostics)
        return REFUSED
