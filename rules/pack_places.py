"""Where the rule packs lie: those that are shipped, and a project's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vesalius.ontology.pack_files import name_of, packs_in

if TYPE_CHECKING:
    from vesalius.ontology.project import Project


def packs_folder() -> Path:
    """Give the folder of the shipped rule packs."""
    return Path(__file__).resolve().parent / "packs"


def pack_paths(project: Project | None = None) -> dict[str, Path]:
    """Give the rule packs by name, shipped ones and a project's: files, or folders of one pack."""
    own = project.rules if project else ()
    return {name_of(path): path for path in (*packs_in(packs_folder()), *own)}
