"""How a report names files, and how they are found again from wherever it is read.

What is shipped is named by its place in the program: two machines with it in different folders
write the same report. What is the user's is named as it was typed, mostly relative to the working
directory; that is, as a rule, above the output folder, so the output folder leads back to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import vesalius.ontology
import vesalius.rules
from vesalius.adapters.cases.rule_findings import Json
from vesalius.ontology.project_place import FILE_NAME
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.reading.render import to_json

RUN_FROM: Final = "run_from"
"""Key of a report: its folder's way to the working directory, where that is not above it."""
_PROGRAM: Final = "vesalius"
_SHIPPED: Final = {
    package.__name__.rpartition(".")[2]: real_path(Path(*package.__path__))
    for package in (vesalius.ontology, vesalius.rules)
}

_SPELLED: Final = tuple(
    dict.fromkeys(
        (f"{root}{os.sep}", f"{_PROGRAM}/{package.__name__.rpartition('.')[2]}/")
        for package in (vesalius.ontology, vesalius.rules)
        for root in (real_path(Path(*package.__path__)), Path(*package.__path__))
    )
)
"""How the folders of what is shipped begin a path, and how a report writes that."""


def name_of(path: str | Path) -> str:
    """Name a scheme or a rule pack for a report."""
    here = Path.cwd()
    shipped = _shipped_name(str(path), here)
    if shipped is not None:
        return shipped
    real = real_path(path)
    for folder in (here, *here.parents):
        # Files of a project were found from here, and typed by nobody.
        if real.is_relative_to(folder) and (folder / FILE_NAME).is_file():
            return Path(os.path.relpath(real, here)).as_posix()
    return str(path)


@lru_cache(maxsize=1024)
def _shipped_name(path: str, here: Path) -> str | None:
    """Name what is shipped, or say that it is not; the same from one working directory."""
    del here  # a path may be relative to it
    real = _shipped(Path(path)) or real_path(path)
    for package, root in _SHIPPED.items():
        if real.is_relative_to(root):
            return Path(_PROGRAM, package, real.relative_to(root)).as_posix()
    return None


def without_folders(text: str) -> str:
    """Name what is shipped in a text by its place in the program, not on the disk."""
    for spelled, named in _SPELLED:
        text = text.replace(spelled, named)
    return text


def problems_json(problems: Iterable[Diagnostic]) -> list[Json]:
    """Give problems as JSON values for a report; see :func:`without_folders`."""
    return [{key: _named(value) for key, value in row.items()} for row in to_json(problems)]


def _named(value: object) -> object:
    if isinstance(value, dict):
        return {key: _named(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_named(item) for item in value]
    return without_folders(value) if isinstance(value, str) else value


def _shipped(path: Path) -> Path | None:
    """Find a shipped file that was named from a working directory which is another one now."""
    if path.is_absolute() or path.exists():
        return None
    tails = [Path(*path.parts[at:]) for at in range(len(path.parts))]
    found = (root / tail for root in _SHIPPED.values() for tail in tails)
    return next((file for file in found if file.is_file()), None)


def run_from(folder: Path, inputs: Iterable[Path]) -> str | None:
    """Say how the working directory is reached from a report's folder, where that must be said.

    Parameters
    ----------
    folder : Path
        Where the report will lie.
    inputs : iterable of Path
        What was read.

    Returns
    -------
    str or None
        None where the working directory is above the folder, or every path is a whole one.
    """
    here, there = Path.cwd(), Path(os.path.realpath(folder))
    if there.is_relative_to(here) or all(path.is_absolute() for path in inputs):
        return None
    return Path(os.path.relpath(here, there)).as_posix()


def places_of(name: str, folder: Path, start: str | None) -> Iterator[Path]:
    """Give the files that a name in a report may mean, the likeliest first; only those there are.

    Parameters
    ----------
    name : str
        As the report has it.
    folder : Path
        Where the report lies.
    start : str or None
        What :func:`run_from` said when it was written.
    """
    program, _, rest = name.partition("/")
    package, _, inner = rest.partition("/")
    if program == _PROGRAM and package in _SHIPPED:
        yield _SHIPPED[package] / inner
        return
    there = Path(os.path.realpath(folder))
    bases = [*([there / start] if start else []), there, *there.parents, Path.cwd()]
    found = (Path(os.path.normpath(base / name)) for base in bases)
    yield from dict.fromkeys(path for path in found if os.path.lexists(path))


def place_of(name: str, folder: Path, start: str | None) -> Path:
    """Give the likeliest file that a name in a report means; the name where there is none."""
    return next(places_of(name, folder, start), Path(name))
