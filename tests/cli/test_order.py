"""The order in which predictions are named changes no byte of the result and no word on it."""

from __future__ import annotations

import json
from itertools import permutations

import nibabel as nib
import numpy as np
import pytest

from vesalius.rules.compile.source_tokens import source_tokens


@pytest.fixture
def three(save):
    """Three predictions that disagree: two of one scheme, in two orientations."""
    rng = np.random.default_rng(5)
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = 7.0
    paths = [
        ("amos22", save("z.nii.gz", rng.integers(0, 16, (8, 7, 6)).astype(np.uint8))),
        ("amos22", save("a.nii.gz", rng.integers(0, 16, (8, 7, 6)).astype(np.uint8), flip)),
        ("btcv", save("m.nii.gz", rng.integers(0, 14, (8, 7, 6)).astype(np.uint8))),
    ]
    return [f"{scheme}={path}" for scheme, path in paths]


def results(vesalius, orders, tmp_path, *more):
    found = []
    for number, order in enumerate(orders):
        out = tmp_path / f"out{number}"
        options = [word for one in order for word in ("-p", one)]
        done = vesalius("run", *options, *more, "--fail-on", "never", "-o", out)
        assert done.returncode == 0, done.stderr
        files = {path.name: path.read_bytes() for path in sorted(out.iterdir())}
        found.append((files, done.stdout.replace(str(out), ""), done.stderr))
    return found


@pytest.mark.parametrize("rules", ["none", "recommended"])
def test_every_order_of_three_predictions(vesalius, three, tmp_path, rules):
    """Without an image the grid is that of the first source, which must not be the first named."""
    orders = list(permutations(three)) if rules == "none" else [three, three[::-1]]
    first, *others = results(vesalius, orders, tmp_path, "--rules", rules)
    assert set(first[0]) == {"labels.nii.gz", "report.json", "labels.txt", "labels.ctbl"}
    for other in others:
        assert other == first


def test_sources_of_one_scheme_are_numbered_by_their_files(vesalius, three, tmp_path):
    (found,) = results(vesalius, [three], tmp_path, "--rules", "none")
    inputs = json.loads(found[0]["report.json"])["inputs"]
    assert [(row["source"], row["path"].rpartition("/")[2]) for row in inputs] == [
        ("amos22", "a.nii.gz"),
        ("amos22#2", "z.nii.gz"),
        ("btcv", "m.nii.gz"),
    ]


def test_tokens():
    assert source_tokens(["a", "b", "a"]) == ("a", "b", "a#2")
    assert source_tokens(["a", "b", "a"], ["z", "y", "x"]) == ("a#2", "b", "a")
    assert source_tokens(["a", "a"], ["same", "same"]) == ("a", "a#2")
    assert source_tokens([]) == ()


def test_one_file_twice_is_a_warning(vesalius, small, tmp_path):
    done = vesalius(
        "run", "--rules", "none", "-p", f"amos22={small}", "-p", f"amos22={small}",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0
    assert (
        "warning[RUN004]: `amos22#2` and `amos22` are the same file; the second adds nothing\n"
        f"  --> {small}\n"
        "   = help: was another file meant?\n"
    ) in done.stderr
    labels = np.asarray(nib.load(tmp_path / "out/labels.nii.gz").dataobj)
    assert np.count_nonzero(labels) == 16


def test_one_file_under_two_schemes_is_a_warning(vesalius, small, tmp_path):
    copy = tmp_path / "copy.nii.gz"
    copy.write_bytes(small.read_bytes())
    done = vesalius(
        "run", "--rules", "none", "-p", f"amos22={small}", "-p", f"btcv={copy}",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0
    assert (
        "warning[RUN004]: `btcv` and `amos22` are the same file, read with two schemes; one of "
        f"them is wrong\n  --> {copy}\n"
    ) in done.stderr
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert [r["code"] for r in report["remarks"] if r["severity"] == "warning"] == ["RUN004"]


def test_two_models_that_found_nothing_are_not_one_file(vesalius, save, tmp_path):
    paths = [save(name, np.zeros((3, 3, 3), np.uint8)) for name in ("a.nii.gz", "b.nii.gz")]
    done = vesalius(
        "run", "--rules", "none", "-p", f"amos22={paths[0]}", "-p", f"btcv={paths[1]}",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert done.stderr.count("RUN003") == 2
    assert "RUN004" not in done.stderr
