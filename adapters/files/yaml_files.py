"""Finding YAML files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vesalius.ontology.reading.side_files import YAML_ENDINGS


def find_yaml(paths: Sequence[Path]) -> tuple[Path, ...]:
    """List YAML files: files as given, folders searched through, each once."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix in YAML_ENDINGS)
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))
