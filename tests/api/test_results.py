"""Results: voxels, tables, findings, files."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import nibabel as nib
import numpy as np
import pytest

import vesalius


@pytest.fixture(scope="module")
def repaired(file, pack):
    return vesalius.repair(file, "amos22", rules=pack, case={"sex": "male"})


@pytest.fixture(scope="module")
def linted(file, pack):
    return vesalius.lint(file, "amos22", rules=pack)


def test_a_file_and_an_image_are_the_array(repaired, tmp_path, affine):
    path = tmp_path / "out.nii.gz"
    repaired.save(path)
    saved, image = nib.load(path), repaired.to_nibabel()
    for found in (saved, image):
        assert np.array_equal(np.asarray(found.dataobj), repaired.array)
        assert np.array_equal(found.affine, affine)
        assert found.get_data_dtype() == np.uint8
    assert saved.header == image.header


def test_an_image_can_be_written_into_and_the_result_cannot(repaired):
    image = repaired.to_nibabel()
    image.dataobj[...] = 0
    assert repaired.array.any()
    with pytest.raises(ValueError, match="read-only"):
        repaired.array[0, 0, 0] = 1
    affine = repaired.affine
    affine[0, 0] = 7
    assert repaired.affine[0, 0] != 7


def test_integers_have_names(repaired):
    assert {integer: repaired.names[integer] for integer in (1, 2, 6)} == {
        1: "spleen", 2: "right kidney", 6: "liver",
    }  # fmt: skip
    assert set(np.unique(repaired.array)) <= {0, *repaired.names}


def test_a_table_of_structures(repaired):
    rows = {row["structure"]: row for row in repaired.table()}
    assert rows["spleen"] == {
        "integer": 1, "structure": "spleen", "voxels": 12, "ml": pytest.approx(0.12),
    }  # fmt: skip
    assert rows["liver"]["voxels"] == 5 * 5 * 4


def test_a_table_of_findings(linted):
    rows = {row["rule"]: row for row in linted.table()}
    liver = rows["pieces/liver"]
    assert (liver["i"], liver["j"], liver["k"]) in {(i, j, 5) for i in (9, 10) for j in (7, 8)}
    # The middle of voxels 9-10, 7-8, 5 through the affine.
    assert (liver["x_mm"], liver["y_mm"], liver["z_mm"]) == pytest.approx((-8, 6, 16.5))
    assert liver["structures"] == "liver"
    assert liver["repair"] == "liver -> background (4 voxels, 0.04 ml)"
    assert rows["sides/no-right-kidney"]["unsafe"] is True
    assert rows["amount/spleen"]["repair"] == ""


@pytest.mark.parametrize("which", ["repaired", "linted"])
def test_tables_are_ready_for_pandas(request, which):
    pandas = pytest.importorskip("pandas")
    rows = request.getfixturevalue(which).table()
    frame = pandas.DataFrame(rows)
    assert list(frame.columns) == list(rows[0])
    assert frame.to_dict("records") == rows
    assert frame["voxels"].dtype.kind == "i"
    assert frame["ml"].dtype.kind == "f"


def test_what_remains_after_a_repair(repaired):
    assert [(f.rule, f.severity) for f in repaired.findings] == [
        ("amount/spleen", "warning"), ("sides/no-right-kidney", "info"),
    ]  # fmt: skip


def test_findings_and_changes_are_plain_and_frozen(linted, repaired):
    finding, change = linted.findings[0], repaired.changes[0]
    with pytest.raises(FrozenInstanceError):
        finding.message = "nothing"
    with pytest.raises(FrozenInstanceError):
        change.voxels = 0
    assert hash(finding) == hash(finding)
    assert finding.repair == (change,)
    assert type(finding.voxels) is type(change.voxels) is int
    assert type(finding.ml) is float
    assert all(type(x) is float for x in finding.at_mm)
    assert all(type(x) is int for x in finding.at_ijk)


def test_ok_is_about_errors_alone(file, pack):
    assert vesalius.lint(file, "amos22", rules=pack, select="amount/*").ok
    assert not vesalius.lint(file, "amos22", rules=pack, select="pieces/*").ok


def test_a_case_that_is_left_out(file, tmp_path):
    pack = tmp_path / "pack.yaml"
    pack.write_text(
        "schema: rules/1\npack: own\nabout: One rule.\nphases: [sex]\nrules:\n"
        "  - id: sex/no-liver\n    summary: For the test.\n    for: liver\n    expect: absent\n"
        "    exclude: true\n"
    )
    result = vesalius.lint(file, "amos22", rules=pack)
    assert result.excluded_by == ("sex/no-liver",)
    assert vesalius.repair(file, "amos22", rules=pack).excluded_by == ("sex/no-liver",)


def test_what_a_notebook_shows_is_one_line(file, pack):
    found = vesalius.lint(file, scheme="amos22", rules=pack)
    assert repr(found) == f"<LintResult of {file}: 1 error, 1 warning, 1 info; verdict review>"
    mended = vesalius.repair(file, scheme="amos22", rules=pack)
    assert repr(mended).startswith(f"<MapResult of {file}, in amos22: {mended.changed_voxels} vox")
    assert repr(mended).endswith(f"; verdict {mended.verdict.word}>")
    assert mended.changed_voxels > 0
    stats = vesalius.stats(file, scheme="amos22")
    assert repr(stats) == f"<MeasuredTable stats: {len(stats.rows)} rows>"
