"""Every shipped scheme is a source and a target: what may change on the way out and back in."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import yaml

from vesalius import session
from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard
from vesalius.adapters.keeping.cache_folder import OFF, VARIABLE
from vesalius.ontology.load import scheme_paths

AFFINE = np.array([[-1.5, 0, 0, 40], [0, 1.2, 0, -30], [0, 0, 2.0, 5], [0, 0, 0, 1.0]])
# One structure under several integers: disputed sides, fragments, parts of a lesion, overlaps.
JOINED = {
    "ctpelvic1k": {3: 2},
    "pengwin_ct": {first + k: first for first in (1, 11, 21) for k in range(1, 10)},
    "radgpt_atlas3_combined": {
        **dict.fromkeys(range(11, 14), 10),
        **dict.fromkeys(range(24, 32), 23),
    },
    "ribseg_v2": {12 + k: k for k in range(1, 13)},
    "segrap2023_task1": {**{k: k - 2 for k in (8, 9, 22, 23, 26, 27, 32, 33)}, 52: 51},
    "spineps_vertebrae": {128: 125, **dict.fromkeys((*range(203, 226), 228), 202)},
    "tptbox_spineps_subregions": {59: 58},
    "vista3d": {130: 26},
}
HUBS = ("dap_atlas_released", "vista3d")


@pytest.fixture(autouse=True)
def _noise_looks_like_no_scheme(monkeypatch):
    """Volumes of noise would be held against every scheme, each time and for nothing."""
    monkeypatch.setattr(session, "doubt_of", lambda *_: None)


@pytest.fixture(autouse=True)
def _keeps_nothing(monkeypatch):
    """Each of 700 conversions needs another plan; kept ones would push out all others."""
    monkeypatch.setenv(VARIABLE, OFF)


def labels_of(name: str) -> dict[int, object]:
    """Read the table without the code under test."""
    return yaml.safe_load(scheme_paths()[name].read_text(encoding="utf-8"))["labels"]


def convert(array: np.ndarray, one: str, two: str, folder: Path, *more: str) -> np.ndarray:
    start, end = folder / f"in_{one}_{two}.nii.gz", folder / f"out_{one}_{two}.nii.gz"
    nib.save(nib.Nifti1Image(array, AFFINE), start)
    arguments = [str(start), "--from", one, "--to", two, "-o", str(end), *more]
    assert guard(cli, ["convert", *arguments]) == 0
    return np.asanyarray(nib.load(end).dataobj)


def random_volume(values: list[int], seed: int) -> np.ndarray:
    """Give every value some voxels, the rest at random."""
    rng = np.random.default_rng(seed)
    flat = np.array([*values, *rng.choice([0, *values], 11 * 13 * 17 - len(values))], np.uint16)
    return rng.permutation(flat).reshape(11, 13, 17)


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_a_scheme_to_itself_changes_only_what_its_file_says(name, tmp_path, capsys):
    labels = labels_of(name)
    array = random_volume(list(labels), len(name))
    expected = array.copy()
    for integer, joined in JOINED.get(name, {}).items():
        expected[array == integer] = joined
    for integer, target in labels.items():
        if target in ("drop", "ignore"):
            expected[array == integer] = 0
    found = convert(array, name, name, tmp_path, "--sex", "female")
    assert np.array_equal(found, expected)
    said = capsys.readouterr().out
    for integer, target in labels.items():
        if target in ("drop", "ignore"):
            assert "voxels dropped" in said or "without an opinion" in said, integer
    assert ("no longer told apart" in said) == (name in JOINED)


@pytest.mark.parametrize("hub", HUBS)
def test_there_and_back_is_the_identity_where_both_have_the_class(hub, tmp_path):
    """All schemes against some large ones, both ways, on the classes that both have plainly."""
    theirs = labels_of(hub)
    for name in sorted(scheme_paths()):
        mine = labels_of(name)
        plain = [v for v in theirs.values() if isinstance(v, str)]
        shared = [i for i, v in mine.items() if isinstance(v, str) and v in plain]
        shared = [i for i in shared if i not in JOINED.get(name, {}) and mine[i] != "drop"]
        if not shared:
            continue
        array = random_volume(shared, len(name))
        there = convert(array, name, hub, tmp_path)
        for integer in shared:
            (written,) = np.unique(there[array == integer])
            assert theirs[int(written)] == mine[integer], (name, integer)
        assert np.array_equal(convert(there, hub, name, tmp_path), array), name


def test_a_class_for_one_organ_is_written_before_one_for_two(tmp_path):
    """VISTA3D has 16 `prostate or uterus` and 118 `prostate`: a prostate is 118."""
    array = np.full((3, 3, 3), 22, np.uint8)  # TotalSegmentator: prostate
    assert set(np.unique(convert(array, "totalsegmentator_v2", "vista3d", tmp_path))) == {118}


def test_a_class_that_the_case_drops_is_said(tmp_path, capsys):
    array = np.full((3, 3, 3), 15, np.uint8)  # AMOS: prostate or uterus
    assert not convert(array, "amos22", "dap_atlas", tmp_path).any()
    said = capsys.readouterr().out
    assert "no place in the target" in said
    assert "prostate_or_uterus" in said
