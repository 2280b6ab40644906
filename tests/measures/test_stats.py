"""The table `stats` against nibabel, numpy and cc3d, and its bad input."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cc3d
import nibabel as nib
import numpy as np
import pytest

import vesalius
from vesalius.adapters.measures.table_files import csv_text, read_csv
from vesalius.adapters.measures.table_schema import table_names, table_schema

AFFINE = np.array([[-1.5, 0, 0, 40], [0, 2.0, 0, -7], [0, 0, 3.0, 5], [0, 0, 0, 1.0]])
SPLEEN, LIVER = 1, 6


@pytest.fixture
def image(organs) -> np.ndarray:
    return np.random.default_rng(3).integers(-1000, 900, organs.shape).astype(np.int16)


def by_structure(rows):
    return {row["structure"]: row for row in rows}


def test_figures_are_those_of_numpy_and_cc3d(organs, image):
    found = by_structure(vesalius.stats((organs, AFFINE), "amos22", image=(image, AFFINE)).table())
    for name, integer in (("spleen", SPLEEN), ("liver", LIVER)):
        row, inside = found[name], organs == integer
        at = np.argwhere(inside)
        centre = nib.affines.apply_affine(AFFINE, at).mean(axis=0)
        pieces = cc3d.connected_components(inside, connectivity=6)
        values = image[inside]
        assert row["voxels"] == inside.sum()
        assert row["volume_ml"] == pytest.approx(inside.sum() * 9.0 / 1000)
        assert [row[f"centroid_{a}_mm"] for a in "xyz"] == pytest.approx(centre, abs=1e-6)
        assert [row[f"box_{a}_first"] for a in "ijk"] == at.min(axis=0).tolist()
        assert [row[f"box_{a}_last"] for a in "ijk"] == at.max(axis=0).tolist()
        assert row["pieces"] == pieces.max()
        largest = np.bincount(pieces[pieces > 0]).max()
        assert row["largest_piece_share"] == pytest.approx(largest / inside.sum(), abs=1e-6)
        assert row["hu_mean"] == pytest.approx(values.mean(), abs=1e-6)
        assert row["hu_sd"] == pytest.approx(values.std(), abs=1e-6)
        assert row["hu_p95"] == np.percentile(values, 95, method="inverted_cdf")
        assert (row["hu_min"], row["hu_max"]) == (values.min(), values.max())
        assert row["without_value_share"] == 0
    # The first axis of the array runs to the patient's left.
    assert (found["liver"]["cut_at_border"], found["liver"]["cut_faces"]) == (True, "AIR")
    assert (found["spleen"]["cut_at_border"], found["spleen"]["cut_faces"]) == (False, None)


def test_a_structure_without_a_voxel_has_no_figure_but_their_number(organs):
    row = by_structure(vesalius.stats((organs, AFFINE), "amos22").table())["pancreas"]
    told = {key: value for key, value in row.items() if value is not None}
    assert told == {
        "case": "case", "source": "amos22", "scheme": "amos22", "structure": "pancreas",
        "title": "Pancreas", "integer": 10, "voxels": 0,
    }  # fmt: skip


def test_a_class_that_the_sex_decides_is_measured_where_it_is_known(organs):
    organs[9:11, 0:2, 5:7] = 15
    of = {sex: by_structure(vesalius.stats((organs, AFFINE), "amos22", case={"sex": sex}).table())
          for sex in ("male", "female", "unknown")}  # fmt: skip
    assert of["male"]["prostate"]["voxels"] == of["female"]["uterus"]["voxels"] == 8
    assert "uterus" not in of["male"]
    assert not {"uterus", "prostate"} & set(of["unknown"])


def test_values_that_are_no_numbers_are_a_share(organs, image):
    values = image.astype(np.float32)
    inside = np.argwhere(organs == SPLEEN)
    for at in inside[:9]:
        values[tuple(at)] = np.nan
    table = vesalius.stats((organs, AFFINE), "amos22", image=(values, AFFINE)).table()
    row = by_structure(table)["spleen"]
    assert row["without_value_share"] == pytest.approx(9 / len(inside), abs=1e-6)
    rest = values[organs == SPLEEN]
    assert row["hu_mean"] == pytest.approx(np.nanmean(rest, dtype=float), abs=1e-6)


def test_orientation_changes_positions_of_voxels_only(organs, image):
    turned = nib.as_closest_canonical(nib.Nifti1Image(organs, AFFINE))
    turned_image = nib.as_closest_canonical(nib.Nifti1Image(image, AFFINE))
    one = vesalius.stats((organs, AFFINE), "amos22", image=(image, AFFINE)).table()
    other = vesalius.stats(turned, "amos22", image=turned_image).table()
    for a, b in zip(one, other, strict=True):
        for key in a:
            if not key.startswith("box_"):
                assert a[key] == pytest.approx(b[key], abs=1e-5) if a[key] else a[key] == b[key]


def test_what_is_not_hounsfield_gives_no_values_and_says_so(organs):
    found = vesalius.stats((organs, AFFINE), "amos22", image=(organs.astype(np.int16), AFFINE))
    assert {row["hu_mean"] for row in found.rows} == {None}
    assert [remark.code for remark in found.remarks] == ["IO019"]


@pytest.mark.parametrize("name", table_names())
def test_every_table_is_declared_with_units_in_its_names(name):
    schema = table_schema(name)
    assert set(schema.key) <= set(schema.names)
    for column in schema.columns:
        assert column.about.endswith(".")
        if column.unit in ("mm", "ml"):
            assert f"_{column.unit}" in column.name


def test_a_table_survives_its_csv(tmp_path, organs, image):
    made = vesalius.stats((organs, AFFINE), "amos22", image=(image, AFFINE))
    made.save(tmp_path / "stats.csv")
    assert list(read_csv("stats", tmp_path / "stats.csv")) == made.table()


def test_parquet_has_types_units_and_the_same_rows(tmp_path, organs):
    parquet = pytest.importorskip("pyarrow.parquet")
    made = vesalius.stats({"a": (organs, AFFINE)}, "amos22")
    made.save(tmp_path / "stats.parquet")
    table = parquet.read_table(tmp_path / "stats.parquet")
    assert table.to_pylist() == made.table()
    assert table.schema.field("volume_ml").metadata[b"unit"] == b"ml"
    assert str(table.schema.field("voxels").type) == "int64"


def test_a_row_that_is_not_as_declared_is_refused():
    with pytest.raises(KeyError):
        csv_text("stats", [{"volum_ml": 3.0}])
    with pytest.raises(TypeError):
        csv_text("stats", [{"voxels": "3"}])


def test_commas_and_quotes_in_case_names_stay_in_their_cell(organs):
    made = vesalius.stats({'a,"b"\n<i>': (organs, AFFINE)}, "amos22").table()
    text = csv_text("stats", made).splitlines(keepends=True)
    assert {row["case"] for row in csv.DictReader(text)} == {'a,"b"\n<i>'}


def test_a_folder_of_cases_is_measured_and_a_bad_file_loses_only_itself(
    tmp_path, save, organs, command
):
    for name in ("a", "b"):
        save(f"preds/{name}.nii.gz", organs, AFFINE)
    (tmp_path / "preds/bad.nii.gz").write_bytes(b"no nifti")
    (tmp_path / "preds/folder.nii.gz").mkdir()
    out = tmp_path / "out"
    code, said, err = command("stats", tmp_path / "preds", "-s", "amos22", "-o", out)
    assert code == 4
    assert "case `bad` failed" in err
    assert "IO0" in err
    assert "case `folder.nii.gz` failed:\nerror[IO030]: the folder is empty" in err
    assert "liver" in said
    rows = list(read_csv("stats", out / "stats.csv"))
    assert [*dict.fromkeys(row["case"] for row in rows)] == ["a", "b"]
    report = json.loads((out / "stats.json").read_text())
    assert [case["status"] for case in report["cases"]] == [*["measured"] * 2, *["failed"] * 2]


def test_a_second_run_measures_only_what_changed(tmp_path, save, organs, command):
    paths = [save(f"{name}.nii.gz", organs, AFFINE) for name in ("a", "b")]
    out = tmp_path / "out"
    assert command("stats", *paths, "-s", "amos22", "-o", out)[0] == 0
    before = {p.name: p.stat().st_mtime_ns for p in (out / "cases" / "stats").iterdir()}
    first = (out / "stats.csv").read_bytes()
    assert command("stats", *paths, "-s", "amos22", "-o", out)[0] == 0
    assert {p.name: p.stat().st_mtime_ns for p in (out / "cases" / "stats").iterdir()} == before
    assert (out / "stats.csv").read_bytes() == first
    organs[0, 0, 0] = 1
    save("b.nii.gz", organs, AFFINE)
    assert command("stats", *paths, "-s", "amos22", "-o", out)[0] == 0
    after = {p.name: p.stat().st_mtime_ns for p in (out / "cases" / "stats").iterdir()}
    assert after["a.json"] == before["a.json"]
    assert after["b.json"] != before["b.json"]
    assert (out / "stats.csv").read_bytes() != first


def test_workers_give_the_same_table(tmp_path, save, organs, command):
    for number in range(3):
        organs[number, 0, 0] = 1
        save(f"preds/c{number}.nii.gz", organs, AFFINE)
    texts = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        arguments = ("stats", tmp_path / "preds", "-s", "amos22", "-o", out)
        assert command(*arguments, "--workers", workers)[0] == 0
        texts.append((out / "stats.csv").read_bytes())
    assert texts[0] == texts[1]


def test_images_of_a_folder_and_masks_of_a_folder(tmp_path, save, organs, image, rows):
    for integer, name in ((SPLEEN, "spleen"), (LIVER, "liver")):
        save(f"masks/seven/{name}.nii.gz", (organs == integer).astype(np.uint8), AFFINE)
    save("images/seven_0000.nii.gz", image, AFFINE)
    found = by_structure(
        rows("stats", tmp_path / "masks", "-s", "amos22", "-i", tmp_path / "images")
    )
    assert found["liver"]["case"] == "seven"
    assert found["liver"]["hu_mean"] == pytest.approx(image[organs == LIVER].mean(), abs=1e-6)


def test_figures_of_totalsegmentator(save, organs, image, rows):
    """Its rule written out: int16 means to five digits, 0 within three layers of a face."""
    big = np.zeros((20, 20, 20), np.uint8)
    big[4:10, 4:10, 4:10] = 1  # spleen, away from the faces
    big[12:18, 12:18, 12:18] = 2  # touches the outer three layers
    values = np.random.default_rng(0).normal(40, 30, big.shape).astype(np.float32) - 60
    path, ct = save("seg.nii.gz", big, AFFINE), save("ct.nii.gz", values, AFFINE)
    found = rows("stats", path, "-s", "totalsegmentator_v2", "-i", ct, "--like", "totalsegmentator")
    stored = nib.load(ct).get_fdata().astype(np.int16)
    assert found["spleen"]["volume"] == pytest.approx(216 * 9.0)
    assert found["spleen"]["intensity"] == round(float(stored[big == 1].mean()), 5)
    assert found["kidney_right"] == {"volume": 0.0, "intensity": 0.0}
    assert len(found) == 117


def test_a_run_that_was_interrupted_goes_on(tmp_path, save, organs, command, monkeypatch):
    for name in "abc":
        save(f"preds/{name}.nii.gz", organs, AFFINE)
    out = tmp_path / "out"
    arguments = ("stats", tmp_path / "preds", "-s", "amos22", "-o", out)
    from vesalius.adapters.measures import stats

    measure, begun = stats.measure_stats, []

    def interrupted(job, task):
        begun.append(task.case)
        if task.case == "b" and begun.count("b") == 1:
            raise KeyboardInterrupt
        return measure(job, task)

    monkeypatch.setattr(stats, "measure_stats", interrupted)
    assert command(*arguments)[0] == 130
    assert not (out / "stats.csv").exists()  # whole or not at all
    assert command(*arguments)[0] == 0
    assert begun == ["a", "b", "b", "c"]
    assert {row["case"] for row in read_csv("stats", out / "stats.csv")} == set("abc")


def test_structures_of_a_project_are_measured(organs):
    example = Path(__file__).parents[2] / "docs/examples/aortic_calcification"
    array = np.where(organs == LIVER, 1, 0).astype(np.uint8)
    found = vesalius.stats((array, AFFINE), "aorta_and_calcium", project=example)
    assert by_structure(found.rows)["aorta"]["voxels"] == (organs == LIVER).sum()
