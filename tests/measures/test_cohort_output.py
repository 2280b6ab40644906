"""What a run of a cohort wrote is measured by its folder alone."""

from __future__ import annotations

import numpy as np
import pytest

from vesalius.adapters.measures.names import DEFAULT_TOLERANCE_MM
from vesalius.adapters.measures.suspicion import Weights, read_weights

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])
LIVER = 6
COHORT = """\
schema: cohort/1
cohort: study
image: images/{case}_0000.nii.gz
predictions: {amos22: "preds/{case}.nii.gz"}
target: amos22
rules: RULES
cases: [a, b]
output: OUTPUT
"""


@pytest.fixture(params=["'{case}/'", "'study_{case}.nii.gz'"], ids=["folders", "files"])
def study(request, tmp_path, save, organs, command, pack):
    """A cohort of two cases, run without rules and with one, in folders or as single files."""
    image = np.random.default_rng(2).integers(-500, 500, organs.shape).astype(np.int16)
    for case in "ab":
        save(f"preds/{case}.nii.gz", organs, AFFINE)
        save(f"images/{case}_0000.nii.gz", image, AFFINE)
    for name, rules in (("raw", "none"), ("repaired", "small.yaml")):
        text = COHORT.replace("RULES", rules).replace("OUTPUT", request.param)
        (tmp_path / f"{name}.yaml").write_text(text)
        assert command("run", tmp_path / f"{name}.yaml", "-o", tmp_path / name)[0] == 0
    return tmp_path, organs, image


def test_scheme_images_and_rules_are_known(study, rows):
    """One test, because the runs of the cohort cost more than all it asks."""
    folder, organs, image = study
    found = {(row["case"], row["structure"]): row for row in rows("stats", folder / "raw")}
    assert {case for case, _ in found} == {"a", "b"}
    row = found["b", "liver"]
    assert row["source"] == "amos22"
    assert row["voxels"] == (organs == LIVER).sum()
    assert row["hu_mean"] == pytest.approx(image[organs == LIVER].mean(), abs=1e-6)
    without = rows("stats", folder / "raw", "--no-image")
    assert all(row.get("hu_mean") is None for row in without)
    table = rows("compare", folder / "raw", folder / "repaired")
    livers = [row for row in table if row["structure"] == "liver"]
    assert [row["case"] for row in livers] == ["a", "b"]
    assert {row["rules"] for row in livers} == {"parts/one-liver (0.03 ml)"}
    assert {row["lost_ml"] for row in livers} == {0.032}
    table = rows("stats", folder / "raw.yaml")
    livers = [row for row in table if row["structure"] == "liver"]
    assert {(row["case"], row["source"]) for row in livers} == {("a", "amos22"), ("b", "amos22")}
    assert {row["voxels"] for row in livers} == {(organs == LIVER).sum()}
    assert all(row["hu_mean"] is not None for row in livers)


def test_figures_that_were_chosen():
    """A change of these changes what users are told: it belongs into the changelog."""
    assert DEFAULT_TOLERANCE_MM == 3.0
    assert read_weights() == Weights(
        {"error": 0.5, "warning": 0.25, "info": 0.05}, 8, 2.0, 6.0, 0.1
    )


def changed(path):
    """Change one letter of a report, which stays JSON."""
    text = path.read_text()
    path.write_text(text.replace('"amos22"', '"amos23"', 1))
    return text


def test_what_was_changed_is_not_believed(study, command):
    """The record and the reports of cases, by everything that reads them."""
    folder, *_ = study
    record = folder / "raw" / "cohort.json"
    first = next(path for path in sorted((folder / "raw").rglob("*report.json")))
    verbs = (
        ("stats", folder / "raw"),
        ("compare", folder / "raw", folder / "repaired"),
        ("sample", folder / "raw"),
    )
    for path in (record, first):
        before = changed(path)
        for verb in verbs:
            code, _, said = command(*verb)
            assert (code, "error[MEA016]" in said) == (2, True), said
            assert str(path) in said
        path.write_text(before)
    one = next(iter(sorted((folder / "repaired").rglob("*.nii.gz"))))
    report = (
        "report.json" if one.name == "labels.nii.gz" else one.name.replace("nii.gz", "report.json")
    )
    changed(one.with_name(report))
    code, rows, said = command("compare", one, one, "--scheme", "amos22", "--format", "csv")
    assert code == 0, said
    assert "warning[MEA016]" in said
    assert "parts/one-liver" not in rows


def test_of_two_images_of_one_name_the_one_is_taken_that_was_read(
    tmp_path, monkeypatch, save, organs, command, rows
):
    image = np.random.default_rng(2).integers(-500, 500, organs.shape).astype(np.int16)
    for case in "ab":
        save(f"preds/{case}.nii.gz", organs, AFFINE)
        save(f"images/{case}_0000.nii.gz", image, AFFINE)
    monkeypatch.chdir(tmp_path)
    text = COHORT.replace("RULES", "none").replace("OUTPUT", "'{case}/'")
    (tmp_path / "raw.yaml").write_text(text)
    assert command("run", "raw.yaml", "-o", "raw")[0] == 0
    # Nearer to the report of case a than the one that was read.
    save("raw/a/images/a_0000.nii.gz", image + 100, AFFINE)
    livers = [row for row in rows("stats", tmp_path / "raw") if row["structure"] == "liver"]
    mean = pytest.approx(image[organs == LIVER].mean(), abs=1e-6)
    assert [(row["case"], row["hu_mean"]) for row in livers] == [("a", mean), ("b", mean)]
