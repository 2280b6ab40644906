"""Merging clean predictions gives the truth, exactly, wherever some source covers a voxel."""

from __future__ import annotations

import json
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
import yaml


@pytest.fixture(scope="module", params=["female", "male"])
def demo(request, vesalius, tmp_path_factory):
    out = tmp_path_factory.mktemp(request.param) / "out"
    done = vesalius("demo", "-o", out, "--sex", request.param, "--spacing", 5, "--seed", 3)
    assert done.returncode == 0, done.stderr + done.stdout
    return out, done


def load(path):
    return np.asarray(nib.load(path).dataobj)


def test_the_merge_is_the_truth_wherever_it_says_something(demo):
    out, _ = demo
    merged, truth = load(out / "labels.nii.gz"), load(out / "input/truth.nii.gz")
    assert np.array_equal(merged[merged > 0], truth[merged > 0])


def test_nothing_that_a_source_names_is_lost(demo, root):
    """A voxel of a structure that some scheme lists under its own name must come through."""
    out, _ = demo
    merged, truth = load(out / "labels.nii.gz"), load(out / "input/truth.nii.gz")
    labels = yaml.safe_load((root / "ontology/schemes/dap_atlas.yaml").read_text())["labels"]
    names = yaml.safe_load((root / "adapters/phantom/demo.yaml").read_text())["sources"]
    for name in names:
        if name == "totalsegmentator_v1":
            continue
        listed = yaml.safe_load((root / f"ontology/schemes/{name}.yaml").read_text())["labels"]
        seen = load(out / f"input/predictions/{name}.nii.gz")
        for integer, structure in listed.items():
            if structure in labels.values():
                target = next(k for k, v in labels.items() if v == structure)
                where = (seen == integer) & (truth == target)
                assert np.array_equal(merged[where], truth[where]), (name, structure)


def test_most_structures_come_through(demo):
    out, _ = demo
    structures = json.loads((out / "report.json").read_text())["structures"]
    truth = load(out / "input/truth.nii.gz")
    assert len(structures) >= 130
    for row in structures:
        assert row["voxels"] <= np.count_nonzero(truth == row["integer"])


@pytest.mark.parametrize("pack", ["recommended", "dap_atlas"])
def test_rules_make_the_rest_and_nothing_else(demo, vesalius, root, tmp_path, pack):
    """Skull and bronchi are right too, and what no source knows is unknown tissue."""
    out, _ = demo
    sources = yaml.safe_load((root / "adapters/phantom/demo.yaml").read_text())["sources"]
    given = [x for n in sources for x in ("-p", f"{n}={out}/input/predictions/{n}.nii.gz")]
    sex = out.parent.name.rstrip("0123456789")
    done = vesalius(
        "run", "-i", out / "input/ct.nii.gz", *given, "--sex", sex, "--rules", pack, "-o",
        tmp_path / "out",
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    merged, truth = load(out / "labels.nii.gz"), load(out / "input/truth.nii.gz")
    labels = yaml.safe_load((root / "ontology/schemes/dap_atlas.yaml").read_text())["labels"]
    integer = {name: k for k, name in labels.items()}
    wanted = np.where((truth > 0) & (merged == 0), integer["unknown_tissue"], truth)
    made = np.isin(truth, [integer["skull"], integer["bronchus"]])
    wanted[made] = truth[made]
    assert made.sum() > 1000
    assert np.array_equal(load(tmp_path / "out/labels.nii.gz"), wanted)


def test_it_draws_a_picture(demo):
    out, done = demo
    assert (out / "demo.png").read_bytes().startswith(b"\x89PNG")
    assert "0 differ from the truth" in done.stdout


def test_without_matplotlib_it_says_so_and_goes_on(tmp_path):
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'matplotlib':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "sys.argv = ['vesalius', 'demo', '-o', 'out', '--spacing', '6']\n"
        "from vesalius.adapters.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "no picture: it needs matplotlib (`pip install matplotlib`)" in done.stdout
    assert not (tmp_path / "out/demo.png").exists()
    assert (tmp_path / "out/labels.nii.gz").exists()
