"""What a person types who read no page is answered with the command that does it."""

from __future__ import annotations

import click
import pytest

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.other_words import MEANT


def find(words: list[str]) -> click.Command | None:
    found: click.Command | None = cli
    for word in words:
        if not isinstance(found, click.Group):
            return None
        found = found.get_command(click.Context(found), word)
    return found


@pytest.mark.parametrize("word", MEANT)
def test_what_is_named_is_there(word):
    assert find([word]) is None, "this is a command itself"
    meant = MEANT[word]
    if meant.startswith("--"):
        assert any(meant in option.opts for option in cli.params) or meant == "--help"
    elif meant.startswith("ls "):
        kinds = find(["ls"]).params[0].type
        assert meant.removeprefix("ls ") in kinds.choices
    else:
        assert find(meant.split()) is not None


@pytest.mark.parametrize(
    ("word", "help_text"),
    [
        ("repair", "that is `vesalius run`"),
        ("Release", "that is `vesalius cohort release`"),
        ("schemes", "that is `vesalius ls schemes`"),
        ("liint", "did you mean `lint`?"),
        ("seg.nii.gz", "`vesalius lint seg.nii.gz --scheme auto` judges a segmentation"),
        (".", "`vesalius lint . --scheme auto` judges a segmentation"),
    ],
)
def test_what_is_answered(vesalius, word, help_text):
    done = vesalius(word)
    assert done.returncode == 2
    assert f"no such command `{word}`; {help_text}" in done.stderr


def test_the_beginning_of_a_name_lists_the_schemes_of_that_family(vesalius, small):
    done = vesalius("lint", small.name, "-s", "totalsegmentator", cwd=small.parent)
    assert done.returncode == 2
    (hint,) = [line for line in done.stderr.splitlines() if "= help:" in line]
    first = ["totalsegmentator_v1", "totalsegmentator_v2", "totalsegmentator_v3"]
    assert all(f"`{name}`" in hint for name in first)
    assert "`vesalius identify FILE`" in hint


def test_the_beginning_of_one_name(vesalius, small):
    done = vesalius("lint", small.name, "-s", "segth", cwd=small.parent)
    assert "did you mean `segthor`?" in done.stderr


def test_a_segmentation_without_a_scheme_is_told_of_auto(vesalius, small):
    done = vesalius("lint", small.name, cwd=small.parent)
    assert done.returncode == 2
    assert "`--scheme auto`" in " ".join(done.stderr.split())
