"""What a person types who read no page is answered with the command that does it."""

from __future__ import annotations

import click
import numpy as np
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


@pytest.mark.parametrize(
    ("words", "help_text"),
    [
        ("cohort run", "no such command `run`; that is `vesalius run`"),
        ("new dataset", "no such command `dataset`; that is `vesalius new scheme`"),
        ("cohort relaese", "no such command `relaese`; did you mean `release`?"),
        ("nnunet lint", "no such command `lint`; that is `vesalius lint`"),
        ("cohort .", "no such command `.`; there are merge, release, status"),
    ],
)
def test_what_a_group_of_commands_answers(vesalius, words, help_text):
    done = vesalius(*words.split())
    assert done.returncode == 2
    assert help_text in done.stderr


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


@pytest.mark.parametrize("name", ["dataset.json", "labels.csv", "labels.txt"])
def test_a_list_of_names_in_the_place_of_a_scheme(vesalius, small, name):
    (small.parent / name).write_text("1,liver")
    done = vesalius("lint", small.name, "-s", name, cwd=small.parent)
    assert done.returncode == 2
    stem = name.partition(".")[0]
    assert f"`{name}` is a list of class names, not yet a scheme" in done.stderr
    assert f"`vesalius new scheme --from {name} -o {stem}.yaml`" in done.stderr


def test_a_prediction_the_wrong_way_round(vesalius, small):
    done = vesalius("run", "-p", f"{small.name}=amos22", "-o", "x", cwd=small.parent)
    assert done.returncode == 2
    assert "error[SCH001]: `seg.nii.gz` is called as a segmentation" in done.stderr
    assert "the scheme comes first: `SCHEME=PATH`" in done.stderr


def test_an_output_folder_is_not_called_as_a_file(vesalius, small):
    command = ("run", "-p", f"amos22={small.name}", "-t", "amos22", "--rules", "none")
    done = vesalius(*command, "-o", "x.nii.gz", cwd=small.parent)
    assert done.returncode == 2
    assert "-o is a folder, into which labels.nii.gz and the report are written" in " ".join(
        done.stderr.split()
    )
    assert not (small.parent / "x.nii.gz").exists()


@pytest.mark.parametrize("option", ["--resample", "--trust-image-geometry"])
def test_options_of_the_place_need_an_image(vesalius, small, option):
    for command in (("lint", small.name, "-s", "amos22"),
                    ("run", "-p", f"amos22={small.name}", "-o", "out")):  # fmt: skip
        done = vesalius(*command, option, "--rules", "none", cwd=small.parent)
        assert done.returncode == 2
        assert f"{option} needs the CT onto whose grid labels come: --image" in done.stderr


def test_capital_letters_of_a_sex(vesalius, small):
    command = ("lint", small.name, "-s", "amos22", "--rules", "none")
    assert vesalius(*command, "--sex", "Female", cwd=small.parent).returncode == 0
    assert vesalius(*command, "--sex", "Frau", cwd=small.parent).returncode == 2


def test_an_image_in_the_place_of_its_labels(vesalius, save):
    """All its values are positive, so nothing but their number tells."""
    values = np.arange(6 * 8 * 8, dtype=np.uint16).reshape(6, 8, 8)
    path = save("ct.nii.gz", values)
    done = vesalius("lint", path.name, "-s", "amos22", "--rules", "none", cwd=path.parent)
    assert done.returncode == 4
    assert "is this an image? Its labels are a file of their own." in done.stderr
    path = save("seg.nii.gz", np.where(values < 20, values, 0).astype(np.uint16))
    done = vesalius("lint", path.name, "-s", "amos22", "--rules", "none", cwd=path.parent)
    assert "does not list integers 16 (1 voxel), 17" in done.stderr
    assert "is this an image?" not in done.stderr


def test_a_scheme_is_not_drafted_from_the_names_of_cases(vesalius, small):
    cases = small.parent / "cases"
    cases.mkdir()
    small.rename(cases / "case_1.nii.gz")
    done = vesalius("new", "scheme", "--from", "cases", "-o", "x.yaml", cwd=cases.parent)
    assert done.returncode == 2
    assert "error[SCH031]: the files of this folder are label maps" in done.stderr
    assert not (cases.parent / "x.yaml").exists()
