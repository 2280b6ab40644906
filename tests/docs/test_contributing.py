"""CONTRIBUTING.md, followed as it is written."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from blocks import command_environment, find_blocks, write_block
from calling import call_vesalius

PATHS = re.compile(r"\b(?:ontology|rules|engine|adapters|tests)/[\w./-]*")
FOLLOWED = ("Add a dataset", "Add a structure", "Add a rule")
"""Lists whose files are written and whose commands are run."""
OTHERS = (
    "Set up", "Add a kind", "Add a file format", "Add a figure to a table", "Before you send it",
)  # fmt: skip


@pytest.fixture(scope="module")
def lists(root) -> dict[str, str]:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


@pytest.fixture
def place(root, tmp_path) -> Path:
    """A folder with an ontology to change and a file of AMOS to try things on."""
    shutil.copytree(root / "ontology", tmp_path / "ontology")
    array = np.zeros((12, 12, 12), np.uint8)
    array[8:11, 2:9, 2:9] = 1
    array[2:6, 2:9, 2:9] = 4
    image = nib.Nifti1Image(array, np.diag([-5.0, 5.0, 5.0, 1.0]))
    nib.save(image, tmp_path / "seg.nii.gz")
    return tmp_path


def follow(text: str, place: Path) -> list[subprocess.CompletedProcess[str]]:
    """Do what the blocks of a list say, in their order."""
    done = []
    for block in find_blocks(text):
        if block.kind != "sh":
            assert block.where, f"a block of {block.kind} does not say to which file it belongs"
            write_block(place, block.where, block.text)
            continue
        for line in block.text.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "vesalius"
            done.append(call_vesalius(*arguments, cwd=place, environment=command_environment()))
            assert done[-1].returncode == 0, f"{line}\n{done[-1].stdout}{done[-1].stderr}"
    return done


def test_lists(lists):
    assert set(lists) == {*FOLLOWED, *OTHERS}
    for text in lists.values():
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= 3


def test_a_dataset(lists, place):
    drafted, checked, linted, converted = follow(lists["Add a dataset"], place)
    assert "0 guessed, 0 not matched" in drafted.stderr
    assert checked.stdout == "1 file: no problems\n"
    assert linted.stdout.startswith("seg.nii.gz: ")
    assert "2 structures" in converted.stdout
    # Spleen and liver of the paper's table, at their places.
    made = np.asarray(nib.load(place / "atlas.nii.gz").dataobj)
    given = np.asarray(nib.load(place / "seg.nii.gz").dataobj)
    assert {int(given[made == value][0]) for value in np.unique(made)} == {0, 1, 4}
    assert np.count_nonzero(made) == np.count_nonzero(given)


def test_a_dataset_is_shown_as_it_is_drafted(lists, place):
    """The file in the list gives the classes that the draft gives."""
    import yaml

    blocks = {block.where: block.text for block in find_blocks(lists["Add a dataset"])}
    write_block(place, "dataset.json", blocks["dataset.json"])
    follow("```sh\nvesalius new scheme --from dataset.json -o draft.yaml\n```\n", place)
    drafted = yaml.safe_load((place / "draft.yaml").read_text())
    shown = yaml.safe_load(blocks["my_dataset.yaml"])
    assert drafted["labels"] == shown["labels"]
    assert drafted["names"] == shown["names"]


def test_a_structure(lists, place):
    (linted,) = follow(lists["Add a structure"], place)
    assert linted.stdout == "1 file: no problems\n"


def test_the_check_of_a_structure_can_fail(lists, place):
    wrong = lists["Add a structure"].replace("part_of: liver", "part_of: livr")
    with pytest.raises(AssertionError, match="livr"):
        follow(wrong, place)


def test_a_rule(lists, place):
    drafted, linted, tested, judged, shown = follow(lists["Add a rule"], place)
    assert drafted.stderr.startswith("wrote my_rules.yaml\n")
    assert linted.stdout == "1 file: no problems\n"
    assert tested.stdout == "2 tests in 196 variants: 2 passed\n"
    assert judged.stdout == "seg.nii.gz: 1 rule: 1 holds\n"
    assert "0 voxels would change; nothing was written\n" in shown.stdout


@pytest.mark.parametrize("name", [*FOLLOWED, *OTHERS])
def test_what_is_named_is_there(lists, root, name):
    for path in PATHS.findall(lists[name]):
        # NAME and 0xx are for the reader to fill in; a path may end a sentence.
        named = path.rstrip(".")
        while re.search(r"NAME|0xx", named):
            named = named.rpartition("/")[0]
        assert (root / named).exists(), path


def test_links_lead_somewhere(root):
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (root / target).exists(), target


def test_commands_of_make_are_there(root):
    made = (root / "Makefile").read_text(encoding="utf-8")
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)`", text):
        assert re.search(rf"^{target}:", made, re.MULTILINE), target
