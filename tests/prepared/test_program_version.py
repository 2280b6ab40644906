"""The version of the program, as the package metadata say it."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest

from vesalius.adapters.keeping import program_version


@pytest.fixture(autouse=True)
def forget():
    program_version.version.cache_clear()
    yield
    program_version.version.cache_clear()


def test_it_is_what_the_metadata_say():
    assert program_version.version() == importlib.metadata.version("vesalius")


def test_the_first_place_counts_and_what_is_no_folder_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "vesalius-9.8.7.dist-info").mkdir()
    (tmp_path / "vesalius_other-1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "nowhere"), str(tmp_path), *sys.path])
    assert program_version.version() == "9.8.7"


def test_without_such_a_folder_the_metadata_are_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(importlib.metadata, "version", lambda name: f"{name} 5")
    assert program_version.version() == "vesalius 5"
