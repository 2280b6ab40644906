"""What a report says of its output is what lint says of the output."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import vesalius
from vesalius.adapters.cases.fail_on import FAIL_ON, fails

V2 = "totalsegmentator_v2"
REAL = {
    "s0327": ("totalseg_s0327/gt_v2.nii.gz", V2, None),
    "ct_3mm": (
        "ts_example_ct_3mm/seg_v2_fast_force_split.nii.gz", V2, "ts_example_ct_3mm/ct.nii.gz",
    ),
    "v1_full": (
        "ts_example_ct_3mm/seg_v1_full.nii.gz", "totalsegmentator_v1",
        "ts_example_ct_3mm/ct.nii.gz",
    ),
    "vertebrae": (
        "ts_example_ct_3mm/seg_v2_vertebrae_only.nii.gz", V2, "ts_example_ct_3mm/ct.nii.gz",
    ),
    "verse004": ("verse/sub-verse004_seg-vert_msk.nii.gz", "verse", None),
    "chest_slab20": (
        "gstt_chest_slab20/derived_multilabel_v1.nii.gz", "totalsegmentator_v1", None,
    ),
    "slab30": ("ts_example_ct_slab30/seg_v2.nii.gz", V2, "ts_example_ct_slab30/ct.nii.gz"),
    "dicom_slab20": (
        "ts_dicom_slab20/seg_v2.nii.gz", V2, "ts_dicom_slab20/ct_from_dicom.nii.gz",
    ),
}  # fmt: skip

RULES = """\
schema: rules/1
pack: own
about: For these tests.
phases: [amount, pieces, last]
rules:
  - id: amount/liver
    summary: The liver is large.
    for: liver
    expect: {volume_ml: {at_least: 0.2}}
  - id: pieces/liver
    summary: The liver is one piece.
    for: liver
    expect: {components: {at_most: 1}}
    repair: {keep: largest, rest: spleen}
  - id: last/no-spleen
    summary: There is no spleen.
    severity: warning
    for: spleen
    expect: absent
    repair: remove
  - id: last/kidneys
    summary: Both kidneys are there.
    for: kidney_left
    expect: present
    EXCLUDE
"""


def same_findings(result, written: Path, scheme: str, image: Path | None) -> None:
    found = vesalius.lint(written / "labels.nii.gz", scheme, image=image)
    report = json.loads((written / "report.json").read_text())
    remains = {(o["rule"], f["message"]) for o in report["outcomes"] for f in o["remains"]}
    assert remains == {(f.rule, f.message) for f in found.findings}
    assert [(f.rule, f.message) for f in result.findings] == [
        (f.rule, f.message) for f in found.findings
    ]
    assert found.verdict == result.verdict or result.excluded_by
    statuses = {o.rule.id: (o.status, o.reason) for o in found.outcomes}
    assert {o.rule.id: (o.result.status, o.result.reason) for o in result.outcomes} == statuses


@pytest.mark.real
@pytest.mark.parametrize("target", [V2, "dap_atlas"])
@pytest.mark.parametrize("name", REAL)
def test_lint_of_an_output_names_what_the_report_says_remains(name, target, tmp_path):
    folder = Path(os.environ.get("VESALIUS_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip("VESALIUS_DATA is absent")
    file, scheme, image = REAL[name]
    ct = None if image is None else folder / image
    result = vesalius.merge({scheme: folder / file}, image=ct, target=target)
    result.save_folder(tmp_path)
    same_findings(result, tmp_path, target, ct)


@pytest.fixture
def liver(tmp_path):
    """Two pieces of liver; the small one becomes spleen, and the spleen goes."""
    array = np.zeros((12, 10, 8), np.uint8)
    array[1:6, 2:7, 2:6] = 6
    array[9:11, 7:9, 5:6] = 6
    path = tmp_path / "seg.nii.gz"
    nib.save(nib.Nifti1Image(array, np.eye(4)), path)
    return path


def pack(tmp_path, exclude: bool = False) -> Path:
    path = tmp_path / f"own_{exclude}.yaml"
    path.write_text(RULES.replace("EXCLUDE", f"exclude: {str(exclude).lower()}"))
    return path


def test_what_was_mended_and_what_remains(liver, tmp_path):
    result = vesalius.repair(liver, "amos22", rules=pack(tmp_path))
    rules = {row["rule"]: row for row in result.report["outcomes"]}
    said = {
        rule: (len(row["findings"]), len(row["mended"]), len(row["remains"]))
        for rule, row in rules.items()
    }
    assert said == {
        "amount/liver": (1, 0, 1),
        "pieces/liver": (1, 1, 0),
        "last/no-spleen": (1, 1, 0),
        "last/kidneys": (1, 0, 1),
    }
    # 100 voxels of 1 mm after the repair; the rule itself was run on 104.
    (before,) = rules["amount/liver"]["findings"]
    (after,) = rules["amount/liver"]["remains"]
    assert pytest.approx(before["values"]["ml"]) == 0.104
    assert pytest.approx(after["values"]["ml"]) == 0.1
    assert result.verdict.word == "review"
    assert result.verdict.rules == ("amount/liver", "last/kidneys")
    assert result.summary.findings == {"error": 2, "warning": 0, "info": 0}
    assert (result.summary.rules_changed, result.summary.voxels_changed) == (2, 4)


def test_a_rule_that_excludes(liver, tmp_path):
    result = vesalius.repair(liver, "amos22", rules=pack(tmp_path, exclude=True))
    assert (result.verdict.word, result.verdict.rules) == ("exclude", ("last/kidneys",))
    assert result.verdict.reasons == tuple(
        f"last/kidneys: {f.message}" for f in result.findings if f.rule == "last/kidneys"
    )


def test_nothing_wrong_is_kept(liver, tmp_path):
    result = vesalius.repair(liver, "amos22", rules=pack(tmp_path), select="pieces/*")
    assert (result.verdict.word, result.verdict.reasons, result.findings) == ("keep", (), ())


def test_warnings_alone_are_kept(liver, tmp_path):
    path = tmp_path / "warning.yaml"
    path.write_text(RULES.replace("EXCLUDE", "severity: warning"))
    result = vesalius.repair(liver, "amos22", rules=path, select="last/kidneys")
    assert result.verdict.word == "keep"
    assert result.summary.findings == {"error": 0, "warning": 1, "info": 0}


def test_what_the_target_has_no_place_for_is_not_in_the_output(liver, tmp_path):
    """SegTHOR has no liver: nothing is said of it in the end."""
    result = vesalius.merge(
        {"amos22": liver}, target="segthor", rules=pack(tmp_path), select="amount/*"
    )
    (outcome,) = result.outcomes
    assert outcome.findings != ()
    assert outcome.remains == ()
    assert outcome.result.status == "skipped"
    result.save_folder(tmp_path / "out")
    found = vesalius.lint(
        tmp_path / "out/labels.nii.gz", "segthor", rules=pack(tmp_path), select="amount/*"
    )
    assert found.findings == ()
    assert outcome.result.reason == found.outcomes[0].reason


def test_a_topic_that_was_not_judged_is_said_in_words(tmp_path):
    array = np.zeros((12, 10, 8), np.uint8)
    array[4:6, 4:6, 4:6] = 1
    found = vesalius.lint((array, np.eye(4)), "amos22")
    said = found.report["not_judged"]
    (orientation,) = [text for text in said if text.startswith("orientation was not judged: ")]
    assert "no kidney_left" in orientation
    assert not any(text.startswith("pieces was") for text in said)


@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_what_fails(fail_on):
    none = {"error": 0, "warning": 0, "info": 0}
    severities = ("error", "warning", "info")
    assert not fails(fail_on, none, False)
    assert fails(fail_on, none, True) == (fail_on != "never")
    for place, severity in enumerate(severities):
        counted = fail_on in severities[place:]
        assert fails(fail_on, {**none, severity: 1}, False) == counted
