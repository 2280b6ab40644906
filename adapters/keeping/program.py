"""Which program it is that reads YAML, so that what it made of it is known again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import vesalius.adapters
import vesalius.engine
import vesalius.ontology
import vesalius.rules
from vesalius.adapters.keeping.program_version import version
from vesalius.ontology.reading.files_read import digest_of
from vesalius.ontology.reading.real_path import real_path

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

_COMPILES: Final = (vesalius.ontology, vesalius.rules, vesalius.engine)
"""The packages that decide what becomes of YAML."""


@lru_cache(maxsize=1)
def program() -> tuple[str, str, str]:
    """Name the program that compiles: version, digest of its YAML, and state of its code.

    The version alone does not tell two states of a checkout apart.
    """
    yaml, code = hashlib.sha256(), hashlib.sha256()
    for package in (*_COMPILES, vesalius.adapters):
        root = _root(package)
        # Reports name what is shipped by where it lies.
        yaml.update(f"{root}\n".encode())
        for name, entry in _files(str(root)):
            if name.endswith(".yaml") and package is not vesalius.adapters:
                with open(entry.path, "rb", buffering=0) as file:
                    yaml.update(f"{name}\0{digest_of(file.read())}\n".encode())
            else:
                status = entry.stat()
                code.update(f"{name}\0{status.st_size} {status.st_mtime_ns}\n".encode())
    return version(), yaml.hexdigest(), code.hexdigest()


def here(refs: Iterable[str | Path], project: Project | None) -> str:
    """Give the working directory, where something is found or named from it; else nothing.

    Parameters
    ----------
    refs : iterable of str or Path
        How schemes and rule packs are named.
    project : Project or None
        A user's own folder.
    """
    at = os.getcwd()
    below = any(_root(package).is_relative_to(at) for package in _COMPILES)
    own = project is not None or any(ref not in _shipped_names() for ref in refs)
    return at if below or own else ""


def named(ref: str | Path) -> list[str]:
    """Tell a name from a path: a text may be a name; what is a path is one, whatever it is."""
    return ["name" if isinstance(ref, str) else "path", str(ref)]


@lru_cache(maxsize=1)
def _shipped_names() -> frozenset[str]:
    """Give what shipped schemes and rule packs are called."""
    folders = map(_root, _COMPILES)
    shipped = (folder / name for folder in folders for name in ("schemes", "packs"))
    return frozenset(
        path.stem for folder in shipped if folder.is_dir() for path in folder.iterdir()
    )


def _root(package: ModuleType) -> Path:
    return real_path(Path(*package.__path__))


def is_shipped(path: str) -> bool:
    """Tell whether a file is one of the program's, which :func:`program` looks at."""
    real = real_path(path)
    return any(real.is_relative_to(_root(package)) for package in _COMPILES)


def _files(folder: str, below: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Give Python and YAML files with their names below a folder, in a fixed order."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".yaml")):
                yield below + entry.name, entry
            elif entry.is_dir():
                folders.append(entry)
    for entry in folders:
        yield from _files(entry.path, f"{below}{entry.name}/")
