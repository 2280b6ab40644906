"""A small ontology in text, so that these tests do not move with the packaged one."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesalius.ontology.link import read_ontology
from vesalius.ontology.load import load_folder

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    return HERE / "golden"


@pytest.fixture(scope="session")
def base_folder(golden_folder) -> Path:
    return golden_folder / "base"


@pytest.fixture(scope="session")
def base(base_folder):
    return load_folder(base_folder)


@pytest.fixture(scope="session")
def write(base_folder):
    """Write an ontology folder: the base files, some of them replaced or (None) left out."""

    def write(folder: Path, **texts: str | None) -> Path:
        files: dict[str, str | None] = {
            str(path.relative_to(base_folder)): path.read_text()
            for path in base_folder.rglob("*.yaml")
        }
        files |= texts
        for name, text in files.items():
            if text is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
        return folder

    return write


@pytest.fixture
def read(tmp_path, monkeypatch, write):
    """Read an ontology made of structure lines below the base's; give it and the problems."""
    monkeypatch.chdir(tmp_path)

    def read(lines: str = "", **texts: str | None):
        more = f"schema: structures/1\nstructures:\n{lines}" if lines else None
        return read_ontology(write(tmp_path, **{"structures/b.yaml": more, **texts}))

    return read


@pytest.fixture
def found(read):
    """Give (code, line within the given structure lines) of every problem."""

    def found(lines: str, **texts: str | None):
        _, problems = read(lines, **texts)
        return [(d.code, d.span.line - 2 if d.span else None) for d in problems]

    return found
