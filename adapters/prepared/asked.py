"""What a plan is compiled from, as it is asked for, and the key that it is kept by."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from vesalius.adapters.keeping.program import here, named, program

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

SchemeRef: TypeAlias = str | os.PathLike[str]
"""A shipped scheme by name, or a YAML file."""
FORMAT: Final = 1
"""Of what is kept; another one is another key."""


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
            "here": here(self._refs(), self.project),
            "sources": [[token, named(ref)] for token, ref in self.sources],
            "target": named(self.target),
            "rules": [named(pack) for pack in self.rules],
            "select": self.select,
            "ranks": self.ranks,
            "project": self.project and [str(self.project.path), self.project.digest],
        }
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def _refs(self) -> list[str | Path]:
        return [*(ref for _, ref in self.sources), self.target, *self.rules]
