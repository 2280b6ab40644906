"""The table `validate` against numpy, SimpleITK and nnU-Net, and its rules for what is empty."""

from __future__ import annotations

import json
import warnings

import nibabel as nib
import numpy as np
import pytest

import vesalius
from vesalius.adapters.measures.averages import Averages
from vesalius.adapters.measures.reference_table import read_reference, reference_names
from vesalius.adapters.measures.shared import shared_structures
from vesalius.adapters.measures.table_files import read_csv
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import DiagnosticError

AFFINE = np.array([[-1.5, 0, 0, 40], [0, 2.0, 0, -7], [0, 0, 3.0, 5], [0, 0, 0, 1.0]])
AMOS, BTCV = "amos22", "btcv"
SPLEEN, LIVER, AMOS_PANCREAS, BTCV_PANCREAS = 1, 6, 10, 11


@pytest.fixture
def pred(organs):
    moved = np.roll(organs, 1, axis=1)
    moved[9:11, 0:2, 6] = AMOS_PANCREAS
    return moved


def by_structure(table):
    return {row["structure"]: row for row in table}


def test_overlaps_and_distances_are_those_of_simpleitk(organs):
    sitk = pytest.importorskip("SimpleITK")
    organs[:, 8:] = 0  # what would leave on one side and come back on the other
    pred = np.roll(organs, 1, axis=1)
    found = by_structure(vesalius.validate((pred, AFFINE), (organs, AFFINE), AMOS).table())
    for name, integer in (("spleen", SPLEEN), ("liver", LIVER)):
        images = []
        for array in (pred, organs):
            image = sitk.GetImageFromArray((array == integer).astype(np.uint8).T)
            image.SetSpacing((1.5, 2.0, 3.0))
            images.append(image)
        overlap = sitk.LabelOverlapMeasuresImageFilter()
        overlap.Execute(*images)
        row = found[name]
        assert row["dice"] == pytest.approx(overlap.GetDiceCoefficient(), abs=1e-6)
        assert row["iou"] == pytest.approx(overlap.GetJaccardCoefficient(), abs=1e-6)
        hausdorff = sitk.HausdorffDistanceImageFilter()
        hausdorff.Execute(*images)
        # All is moved by a voxel of 2 mm: no distance is larger, and some are that.
        assert hausdorff.GetHausdorffDistance() == 2.0
        assert 0 < row["mean_surface_distance_mm"] < 2.0
        assert row["surface_distance_p95_mm"] == 2.0
        assert row["surface_overlap"] == 1.0
        assert row["pred_ml"] == pytest.approx((pred == integer).sum() * 9 / 1000)


def test_what_is_empty_is_undefined_and_never_0_unless_it_is(pred, organs):
    found = by_structure(vesalius.validate((pred, AFFINE), (organs, AFFINE), AMOS).table())
    neither, only = found["stomach"], found["pancreas"]
    distances = (
        "mean_surface_distance_mm", "pooled_surface_distance_mm", "surface_distance_p95_mm",
    )  # fmt: skip
    assert neither["state"] == "neither"
    assert {neither[key] for key in ("dice", "iou", "surface_overlap", *distances)} == {None}
    assert (only["state"], only["dice"], only["iou"]) == ("only_pred", 0.0, 0.0)
    assert only["surface_overlap"] == 0.0
    assert {only[key] for key in distances} == {None}
    turned = by_structure(vesalius.validate((organs, AFFINE), (pred, AFFINE), AMOS).table())
    assert turned["pancreas"]["state"] == "only_truth"
    assert turned["pancreas"]["dice"] == 0.0


def test_two_schemes_meet_in_the_structures_that_both_have(pred, organs):
    truth = organs.copy()
    truth[9:11, 0:2, 6] = BTCV_PANCREAS
    found = by_structure(
        vesalius.validate((pred, AFFINE), (truth, AFFINE), AMOS, BTCV, surfaces=False).table()
    )
    assert found["pancreas"]["dice"] == 1.0
    assert "duodenum" not in found  # BTCV does not have it
    assert "portal_vein_and_splenic_vein" not in found  # AMOS does not


def test_the_142_of_the_atlas_and_the_13_of_btcv_share_13():
    ontology = load_ontology()
    listed = [
        vesalius.Session(target=s, rules=None).target.structures() for s in ("dap_atlas", BTCV)
    ]
    shared = shared_structures(ontology, [frozenset(each) for each in listed])
    assert len(shared) == 13
    assert {each.told_from(side) for each in shared for side in (0, 1)} == {"itself"}


@pytest.mark.parametrize(
    ("whole", "classes", "told"),
    [
        ("kidney", {"kidney_left", "kidney_right"}, True),
        ("kidney", {"kidney_left"}, False),  # one side is not both
        ("kidney", {"kidney_left", "kidney_cyst_left"}, False),
        ("lung", {"lung_left", "lung_right"}, True),
        ("spinal_canal", {"spinal_cord"}, False),  # a part is not the whole
        ("abdominal_cavity", {"liver", "spleen", "stomach"}, False),  # a space is more
    ],
)
def test_finer_classes_make_a_structure_only_where_they_are_all_of_it(whole, classes, told):
    found = shared_structures(load_ontology(), [frozenset({whole}), frozenset(classes)])
    assert (whole in {each.structure for each in found}) == told


def test_a_sequence_makes_its_family_only_where_it_is_whole():
    ontology = load_ontology()
    sequence = next(s for s in ontology.sequences.values() if not s.side)
    ancestor = next(a for a in ontology.ancestors(sequence.members[0])
                    if set(sequence.members) <= set(ontology.descendants(a)))  # fmt: skip
    whole, cut = frozenset(sequence.members), frozenset(sequence.members[1:])
    asked = frozenset({ancestor})
    assert [s.structure for s in shared_structures(ontology, [asked, whole])] == [ancestor]
    assert shared_structures(ontology, [asked, cut]) == ()


def test_a_class_that_the_sex_decides_is_left_out_where_it_is_unknown(organs):
    organs[9:11, 0:2, 6] = 15
    for sex, structure in (("male", "prostate"), ("female", "uterus"), ("unknown", None)):
        table = vesalius.validate(
            (organs, AFFINE), (organs, AFFINE), AMOS, case={"sex": sex}, surfaces=False
        ).table()
        assert {"prostate", "uterus"} & set(by_structure(table)) == ({structure} - {None})


def test_voxels_that_were_not_annotated_count_on_neither_side():
    truth = np.zeros((4, 4, 4), np.uint8)
    truth[:2], truth[2:] = 10, 255  # brain; not annotated
    pred = np.full((4, 4, 4), 10, np.uint8)
    found = by_structure(
        vesalius.validate(
            (pred, np.eye(4)), (truth, np.eye(4)), "saros_body_regions", surfaces=False
        ).table()
    )
    assert found["brain"]["dice"] == 1.0
    assert found["brain"]["pred_voxels"] == 32


def test_turned_arrays_are_compared_in_the_patient(pred, organs):
    one = vesalius.validate((pred, AFFINE), (organs, AFFINE), AMOS).table()
    turned = nib.as_closest_canonical(nib.Nifti1Image(pred, AFFINE))
    assert vesalius.validate(turned, (organs, AFFINE), AMOS).table() == one


def test_another_grid_is_refused_or_resampled_and_said(pred, organs):
    coarse = np.repeat(np.repeat(np.repeat(organs, 2, 0), 2, 1), 2, 2)
    finer = AFFINE @ np.diag([0.5, 0.5, 0.5, 1])
    finer[:3, 3] = (AFFINE @ [-0.25, -0.25, -0.25, 1])[:3]
    with pytest.raises(DiagnosticError) as failed:
        vesalius.validate((coarse, finer), (organs, AFFINE), AMOS)
    assert [d.code for d in failed.value.diagnostics] == ["MEA009"]
    found = vesalius.validate((coarse, finer), (organs, AFFINE), AMOS, resample=True)
    assert "IO041" in [remark.code for remark in found.remarks]
    assert by_structure(found.table())["liver"]["dice"] == 1.0


def test_a_case_of_one_side_alone_is_said_and_others_go_on(tmp_path, save, organs, pred, command):
    for name in ("a", "b"):
        save(f"pred/{name}.nii.gz", pred, AFFINE)
    for name in ("b", "c"):
        save(f"truth/{name}.nii.gz", organs, AFFINE)
    out = tmp_path / "out"
    code, _, err = command(
        "validate", "--pred", tmp_path / "pred", "--truth", tmp_path / "truth",
        "--scheme-pred", AMOS, "--scheme-truth", AMOS, "-o", out, "--no-surfaces",
    )  # fmt: skip
    assert code == 4
    assert "case `a` is not in truth" in err
    assert "case `c` is not in pred" in err
    assert {row["case"] for row in read_csv("validate", out / "validate.csv")} == {"b"}


def test_a_person_reads_where_cases_agree_least_and_of_what_nobody_has_a_voxel(
    tmp_path, save, organs, pred, command
):
    for name, given in (("alike", organs), ("other", pred)):
        save(f"pred/{name}.nii.gz", given, AFFINE)
        save(f"truth/{name}.nii.gz", organs, AFFINE)
    asked = ["--scheme-pred", AMOS, "--scheme-truth", AMOS, "--no-surfaces"]
    folders = ["--pred", tmp_path / "pred", "--truth", tmp_path / "truth"]
    code, out, _ = command("validate", *folders, *asked)
    assert code == 0
    table, _, rest = out.partition("no voxel on either side of ")
    empty, _, lowest = rest.partition("lowest Dice")
    found = by_structure(vesalius.validate((pred, AFFINE), (organs, AFFINE), AMOS).table())
    unseen = [name for name, row in found.items() if row["state"] == "neither"]
    assert empty.startswith(f"{len(unseen)} structures: {', '.join(unseen[:8])}")
    assert not [name for name in unseen if f"{name} " in table]
    dice = sorted(row["dice"] for row in found.values() if row["dice"] is not None)
    lines = [line.split() for line in lowest.splitlines()[3:]]
    assert [line[0] for line in lines[: len(dice)]] == ["other"] * len(dice)
    assert [float(line[2]) for line in lines[: len(dice)]] == [round(d, 3) for d in dice]
    # Of one case the table above tells all.
    one = ["--pred", tmp_path / "pred/other.nii.gz", "--truth", tmp_path / "truth/other.nii.gz"]
    assert "lowest Dice" not in command("validate", *one, *asked)[1]


def test_the_summary_is_what_nnunet_writes_and_is_read_back(tmp_path, save, organs, pred, rows):
    evaluate = pytest.importorskip("nnunetv2.evaluation.evaluate_predictions")
    from nnunetv2.imageio.nibabel_reader_writer import NibabelIO

    given = save("pred/b.nii.gz", pred, AFFINE), save("truth/b.nii.gz", organs, AFFINE)
    table = rows(
        "validate", "--pred", given[0], "--truth", given[1], "--scheme-pred", AMOS,
        "--scheme-truth", AMOS, "--sex", "male", "-o", tmp_path / "out",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # it takes means of nothing
        theirs = evaluate.compute_metrics_on_folder(
            str(tmp_path / "truth"), str(tmp_path / "pred"), None, NibabelIO(), ".nii.gz",
            list(range(1, 16)), num_processes=1,
        )  # fmt: skip
    ours = json.loads((tmp_path / "out/summary.json").read_text())
    told = theirs["metric_per_case"][0]["metrics"]
    for key, metrics in ours["metric_per_case"][0]["metrics"].items():
        assert metrics == pytest.approx(told[int(key)], nan_ok=True)
    assert ours["mean"]["6"] == pytest.approx(theirs["mean"][6], nan_ok=True)
    back = rows(
        "validate", "--summary", tmp_path / "out/summary.json", "--scheme-truth", AMOS,
        "--sex", "male",
    )  # fmt: skip
    told = {row["structure"]: row for row in back}
    for one, other in ((row, told[row["structure"]]) for row in table):
        for key in other.keys() & {"structure", "state", "dice", "iou", "truth_voxels"}:
            assert one[key] == other[key]


def test_means_leave_out_what_is_undefined():
    rows = [
        {"structure": "a", "state": "both", "dice": 0.5},
        {"structure": "a", "state": "neither", "dice": None},
        {"structure": "b", "state": "only_pred", "dice": 0.0},
        {"structure": "b", "state": "both", "dice": 1.0},
        {"structure": "c", "state": "neither", "dice": None},
    ]
    found = Averages(("dice",)).add(rows)
    assert (found.mean("a", "dice"), found.mean("b", "dice"), found.mean("c", "dice")) == (
        0.5, 0.5, None,
    )  # fmt: skip
    assert found.over_structures("dice") == 0.5
    assert found.over_rows("dice") == 0.5
    assert found.states["b"] == {"only_pred": 1, "both": 1}


@pytest.mark.parametrize("name", reference_names())
def test_published_tables_fit_their_layout(name):
    table = read_reference(name)
    known = load_ontology().structures
    assert set(table.heads) <= set(known)
    for row in table.rows:
        assert tuple(row.figures) == tuple(table.heads)
        assert row.metric in table.metrics
    for without in table.averages.values():
        assert set(without) <= set(table.heads)


def test_the_table_of_the_paper_has_both_averages_and_its_own_totals():
    """What the reference says of the totals (training.md, 3.1), recomputed from the figures."""
    table = read_reference("dap_atlas_btcv")
    lines = table.laid_out(Averages(("dice", "mean_surface_distance_mm")), "here")
    told = {line[""]: (line["Mean"], line["Mean without gallbladder"], line["printed"])
            for line in lines}  # fmt: skip
    assert told == {
        "Dice V1": ("0.802", "0.817", "0.81"),
        "Dice V2": ("0.842", "0.852", "0.85"),
        "Dice here": ("-", "-", "-"),
        "MSD V1": ("1.702", "1.702", "2.03"),
        "MSD V2": ("1.655", "1.655", "1.85"),
        "MSD here": ("-", "-", "-"),
    }
