"""`vesalius identify`: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from calling import call_vesalius
from identify.table import body
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.ontology.load import load_scheme


@pytest.fixture(scope="module")
def folder(tmp_path_factory, ontology):
    phantom, place = body("male"), tmp_path_factory.mktemp("identify")
    amos = clean_prediction(phantom, load_scheme("amos22", ontology), ontology).astype(np.uint8)
    for name, labels in {
        "amos.nii.gz": amos,
        "liver.nii.gz": (amos == 6).astype(np.uint8),
        "unknown.nii.gz": np.where(amos == 6, np.uint16(60001), np.uint16(0)),
        "empty.nii.gz": np.zeros_like(amos),
    }.items():
        nib.save(nib.Nifti1Image(labels, phantom.grid.affine), place / name)
    return place


@pytest.mark.parametrize(("name", "code"), [("unknown", 1), ("empty", 2)])
def test_what_it_says_of_what_it_cannot_know(folder, name, code):
    done = call_vesalius("identify", f"{name}.nii.gz", cwd=folder, one_stream=True)
    assert done.returncode == code, done.stdout
    golden = Path(__file__).parent / "golden" / f"{name}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(done.stdout)
    assert done.stdout == golden.read_text()


def test_a_clear_winner_is_named_with_reasons(folder):
    done = call_vesalius("identify", "amos.nii.gz", "--top", "2", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "`amos22` fits clearly best\n")
    _, _, first, second = done.stdout.splitlines()
    assert first.split()[:2] == ["1", "amos22"]
    assert "labels 15 of 15; classes 15 of 15; volumes 14 of 14; " in first
    assert second.startswith("2 ")


def test_one_label_is_too_little(folder):
    done = call_vesalius("identify", "liver.nii.gz", cwd=folder)
    assert done.returncode == 1
    assert done.stderr.endswith("fits best, but only 1 label could be checked: make sure\n")


def test_a_program_reads_it(folder):
    done = call_vesalius("identify", "amos.nii.gz", "--format", "json", cwd=folder)
    said = json.loads(done.stdout)
    assert (said["schema"], said["best"], said["clear"]) == ("identify/1", "amos22", "amos22")
    assert said["rivals"] == []
    first = said["readings"][0]["schemes"][0]
    assert first["scheme"] == "amos22"
    assert first["reasons"][0] == {
        "kind": "labels", "held": said["labels"], "asked": said["labels"], "not": [],
    }  # fmt: skip
    ranked = [each["schemes"][0]["score"] for each in said["readings"]]
    assert ranked == sorted(ranked, reverse=True)


@pytest.mark.parametrize(("code", "name", "ends"), [("IDN003", "amos", 0), ("IDN004", "liver", 4)])
def test_auto_says_what_it_chose_or_why_it_did_not(folder, code, name, ends):
    done = call_vesalius(
        "lint", f"{name}.nii.gz", "--scheme", "auto", "--rules", "none", cwd=folder
    )
    assert done.returncode == ends
    golden = Path(__file__).parent / "golden" / f"{code}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(done.stderr)
    assert done.stderr == golden.read_text()
    assert f"[{code}]" in done.stderr
