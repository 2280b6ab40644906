"""Where a rule pack lies: a YAML file, or a folder with a `pack.yaml`.

Beside a file X.yaml of rules its tests may lie, in X.tests.yaml.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vesalius.ontology.reading.side_files import YAML_ENDINGS

HEAD: Final = "pack.yaml"
"""The file of a pack's folder that says what the pack is and lists its topics."""

TESTS: Final = ".tests.yaml"
"""The ending of a file of tests."""


def is_pack_folder(path: Path) -> bool:
    """Tell whether a folder is one rule pack."""
    # A word may be longer than a file name can be; then it is none.
    return os.path.isfile(path / HEAD)


def packs_in(folder: Path) -> list[Path]:
    """List the rule packs of a folder, files and folders, by name."""
    return sorted(
        path
        for path in folder.iterdir()
        if is_pack_folder(path)
        or (path.suffix in YAML_ENDINGS and path.is_file() and not path.name.endswith(TESTS))
    )


def head_of(path: Path) -> Path:
    """Give the file to read first of a pack's folder; a file stays one."""
    return path / HEAD if os.path.isdir(path) else path


def name_of(path: Path) -> str:
    """Give what a pack is called by, from its file or folder."""
    return path.name if path.is_dir() else path.stem


def tests_of(path: Path) -> Path:
    """Give the file of the tests that belong to a file of rules."""
    return path.with_name(path.stem + TESTS)


def parts_of(path: Path) -> list[Path]:
    """List the files of a pack but its first, topics and tests, by name."""
    if path.is_dir():
        return sorted(part for part in path.glob("*.yaml") if part.name != HEAD)
    return [tests for tests in [tests_of(path)] if tests.is_file()]


def pack_of_part(path: Path) -> Path | None:
    """Give the first file of the pack that a file of topics or tests belongs to, if it is there."""
    head = path.with_name(HEAD)
    if not head.is_file():
        head = path.with_name(path.name.removesuffix(TESTS) + ".yaml")
    return head if head != path and head.is_file() else None
