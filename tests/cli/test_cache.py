"""`vesalius cache` tells of kept plans and forgets them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from vesalius.adapters.cli.main import cli
from vesalius.adapters.keeping.cache_folder import VARIABLE, CacheFolder


@pytest.fixture
def said(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "plans"))

    def say(*arguments):
        done = CliRunner().invoke(cli, ["--no-project", "cache", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    return say


def test_it_counts_and_empties(said, tmp_path):
    folder = CacheFolder(tmp_path / "plans")
    assert said() == f"{folder.path}: 0 plans, 0.0 MiB (at most 200, 64 MiB)\n"
    folder.write("a", "x" * (1 << 20))
    folder.write("b", "y")
    assert said() == f"{folder.path}: 2 plans, 1.0 MiB (at most 200, 64 MiB)\n"
    assert said("--empty") == f"2 files removed from {folder.path}\n"
    assert said("--empty") == f"0 files removed from {folder.path}\n"
    assert folder.read("a") is None


def test_it_says_that_nothing_is_kept(said, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    assert said() == "nothing is kept: VESALIUS_CACHE is `off`, or there is no home\n"
