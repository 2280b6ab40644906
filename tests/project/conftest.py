"""Projects written from text; a small volume to run them on."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesalius.ontology.project import read_project


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write files below an empty folder, go there, and give it."""
    monkeypatch.chdir(tmp_path)

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def project(write):
    """Write a project and read it; `head` is what its file says below the schema."""

    def project(head: str = "", **texts: str):
        return read_project(write(**{"vesalius.yaml": f"schema: project/1\n{head}", **texts}))

    return project
