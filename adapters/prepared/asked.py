"""What a plan is compiled from, as it is asked for, and the key that it is kept by."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, TypeAlias

import vesalius.adapters
import vesalius.engine
import vesalius.ontology
import vesalius.rules
from vesalius.adapters.files.program_version import version
from vesalius.ontology.reading.files_read import digest_of
from vesalius.ontology.reading.real_path import real_path

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

SchemeRef: TypeAlias = str | os.PathLike[str]
"""A shipped scheme by name, or a YAML file."""
FORMAT: Final = 1
"""Of what is kept; another one is another key."""
_COMPILES: Final = (vesalius.ontology, vesalius.rules, vesalius.engine)
"""The packages that decide what becomes of YAML."""


@dataclass(frozen=True)
class Asked:
    """Schemes and rules, as they are named.

    Parameters
    ----------
    sources : tuple of (str or None, str or Path)
        Token of each source, where it was given one, and its scheme: a name, or a path.
    target : str or Path
        Scheme of the results.
    rules : tuple of str or Path
        Rule packs.
    select : tuple of str
        Only these rules.
    project : Project or None
        A user's own folder.
    ranks : tuple of int or None
        What sources of one scheme are numbered in the order of.
    """

    sources: tuple[tuple[str | None, str | Path], ...]
    target: str | Path
    rules: tuple[str | Path, ...] = ()
    select: tuple[str, ...] = ()
    project: Project | None = None
    ranks: tuple[int, ...] | None = None

    def key(self) -> str:
        """Give the sha256 of all that decides what is compiled, but for YAML files by path.

        Those are looked at by what is kept (:mod:`vesalius.adapters.prepared.keep`): which they are
        is known after they were read.
        """
        data = {
            "format": FORMAT,
            "program": list(program()),
            "here": self._here(),
            "sources": [[token, _named(ref)] for token, ref in self.sources],
            "target": _named(self.target),
            "rules": [_named(pack) for pack in self.rules],
            "select": self.select,
            "ranks": self.ranks,
            "project": self.project and [str(self.project.path), self.project.digest],
        }
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def _here(self) -> str:
        """Give the working directory, where files are found or named from it."""
        here = os.getcwd()
        refs = [ref for _, ref in self.sources] + [self.target, *self.rules]
        below = any(_root(package).is_relative_to(here) for package in _COMPILES)
        own = self.project is not None or any(ref not in _shipped_names() for ref in refs)
        return here if below or own else ""


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


def _named(ref: str | Path) -> list[str]:
    # A text may be a name; what is a path is one, whatever it is called.
    return ["name" if isinstance(ref, str) else "path", str(ref)]
