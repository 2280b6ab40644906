"""Consensus and disagreement against numpy and SimpleITK; planted outliers are found."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

import vesalius
from vesalius.adapters.measures.consensus import agreement
from vesalius.adapters.measures.standing_out import Models
from vesalius.adapters.measures.suspicion import Weights, findings_part, suspicion_rows
from vesalius.adapters.measures.table_files import read_csv
from vesalius.engine.runs.labelmap import decode, encode

AFFINE = np.diag([2.0, 2.0, 2.0, 1.0])
AMOS, BTCV, LIVER = "amos22", "btcv", 6
WEIGHTS = Weights({"error": 0.5, "warning": 0.25, "info": 0.0}, 5, 2.0, 6.0, 0.1)


@pytest.fixture
def three(organs):
    """Three readers of one scan; the third has another liver."""
    one, other, third = organs.copy(), organs.copy(), organs.copy()
    other[4, 2:8, 0:4] = LIVER
    third[third == LIVER] = 0
    third[5:7, 2:8, 0:4] = LIVER
    return one, other, third


def of(table, structure):
    return {row["source"]: row for row in table if row["structure"] == structure}


def dice(one, other):
    return 2 * (one & other).sum() / (one.sum() + other.sum())


def test_majority_and_dice_are_those_of_numpy(three):
    table = vesalius.concordance({AMOS: [(array, AFFINE) for array in three]}).table()
    livers = [array == LIVER for array in three]
    consensus = sum(mask.astype(int) for mask in livers) >= 2
    for at, row in enumerate(of(table, "liver").values()):
        assert row["consensus_ml"] == pytest.approx(consensus.sum() * 0.008)
        assert row["dice"] == pytest.approx(dice(livers[at], consensus), abs=1e-6)
        rest = [livers[other] for other in range(3) if other != at]
        with_others = np.mean([dice(livers[at], mask) for mask in rest])
        assert row["others_dice"] == pytest.approx(with_others, abs=1e-6)
        assert row["among_others_dice"] == pytest.approx(dice(*rest), abs=1e-6)
    assert {row["dice"] for row in of(table, "spleen").values()} == {1.0}
    assert {row["dice"] for row in of(table, "stomach").values()} == {None}


def test_of_two_the_consensus_is_what_both_say(three):
    table = vesalius.concordance({AMOS: [(array, AFFINE) for array in three[::2]]}).table()
    both = (three[0] == LIVER) & (three[2] == LIVER)
    assert next(iter(of(table, "liver").values()))["consensus_ml"] == pytest.approx(
        both.sum() * 0.008
    )


def test_schemes_may_differ_and_who_cannot_tell_has_no_vote(three):
    one, other, _ = three
    one[9:11, 0:2, 6] = 13  # the duodenum, which BTCV does not have
    other[9:11, 0:2, 6] = 13
    btcv = np.where(np.isin(three[2], (1, LIVER)), three[2], 0).astype(np.uint8)
    given = {AMOS: [(one, AFFINE), (other, AFFINE)], BTCV: (btcv, AFFINE)}
    table = vesalius.concordance(given).table()
    duodenum = of(table, "duodenum")
    assert list(duodenum) == [AMOS, f"{AMOS}#2"]
    assert {row["dice"] for row in duodenum.values()} == {1.0}
    assert {row["sources"] for row in of(table, "liver").values()} == {3}


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_staple_is_that_of_simpleitk(axes):
    sitk = pytest.importorskip("SimpleITK")
    rng = np.random.default_rng(4)
    truth = np.zeros((14, 12, 10), bool)
    truth[3:10, 2:9, 2:8] = True
    masks = [truth ^ (rng.random(truth.shape) < share) & truth for share in (0.05, 0.1, 0.4)]
    masks[0][12, 10, 8] = True
    found = agreement([encode(m.astype(np.uint8), AFFINE, axes=axes) for m in masks], "staple")
    inside = np.any(masks, axis=0)
    box = tuple(slice(at.min(), at.max() + 1) for at in np.nonzero(inside))
    images = [sitk.GetImageFromArray(m[box].astype(np.uint8)) for m in masks]
    theirs = np.zeros(truth.shape, bool)
    theirs[box] = sitk.GetArrayFromImage(sitk.STAPLE(images, 1.0)) > 0.5
    assert np.array_equal(decode(found.consensus) > 0, theirs)


def test_staple_of_nothing_is_nothing():
    pytest.importorskip("SimpleITK")
    nothing = encode(np.zeros((3, 3, 3), np.uint8), AFFINE)
    assert agreement([nothing, nothing], "staple").consensus.voxels == 0


def test_the_worse_source_stands_out_where_it_is_worse(three):
    rows = vesalius.concordance({AMOS: [(array, AFFINE) for array in three]}).table()
    out = Models().add(rows).stand_out()
    assert [(each.structure, each.source) for each in out] == [("liver", f"{AMOS}#3")]
    assert out[0].gap > 0.3


def parts(**changes):
    row = {
        "case": "a", "structure": "s", "disagreement_part": 0.0, "findings_part": 0.0, "sources": 3,
        "furthest_source": None, "furthest_dice": None, "consensus_ml": 10.0, "findings": None,
        "cut": False,
    }  # fmt: skip
    return row | changes


def test_the_score_is_what_its_parts_leave():
    rows = suspicion_rows(
        [
            parts(case="quiet"),
            parts(case="both", disagreement_part=0.5, findings_part=0.5),
            parts(case="one", disagreement_part=0.6),
            parts(case="unknown", disagreement_part=None, findings_part=None),
        ],
        WEIGHTS,
    )
    assert [(row["case"], row["score"], row["rank"]) for row in rows] == [
        ("both", 0.75, 1), ("one", 0.6, 2), ("quiet", 0.0, 3), ("unknown", 0.0, 4),
    ]  # fmt: skip


def test_volumes_far_from_the_others_are_suspicious_and_cut_ones_say_nothing():
    volumes = [10.0, 10.1, 9.9, 10.2, 9.8, 10.0, 30.0]
    given = [parts(case=f"c{n}", consensus_ml=ml) for n, ml in enumerate(volumes)]
    given.append(parts(case="cut", consensus_ml=1.0, cut=True))
    rows = {row["case"]: row for row in suspicion_rows(given, WEIGHTS)}
    middle = np.median(volumes)
    spread = 1.4826 * np.median(np.abs(np.array(volumes) - middle))
    assert rows["c6"]["volume_deviation"] == pytest.approx((30 - middle) / spread, abs=1e-6)
    assert rows["c6"]["volume_part"] == 1.0
    assert rows["c6"]["rank"] == 1
    assert rows["c0"]["volume_part"] == 0.0
    assert rows["cut"]["volume_part"] is None
    few = suspicion_rows(given[:4], WEIGHTS)
    assert {row["volume_part"] for row in few} == {None}


def test_findings_weigh_by_their_severity():
    assert findings_part([], WEIGHTS) == 0
    assert findings_part(["error"], WEIGHTS) == 0.5
    assert findings_part(["error", "warning", "info"], WEIGHTS) == pytest.approx(1 - 0.5 * 0.75)


def test_a_cohort_with_one_bad_model_in_one_case(tmp_path, save, organs, three, command):
    """Two models agree in both cases; the third loses most of one liver in case b."""
    for model, arrays in {
        "one": (organs, organs), "two": (organs, organs), "three": (organs, three[2]),
    }.items():  # fmt: skip
        for case, array in zip("ab", arrays, strict=True):
            save(f"{model}/{case}.nii.gz", array, AFFINE)
    (tmp_path / "cohort.yaml").write_text(
        "schema: cohort/1\ncohort: study\npredictions:\n"
        + "".join(
            f"  {model}: {{scheme: amos22, path: '{model}/{{case}}.nii.gz'}}\n"
            for model in ("one", "two", "three")
        )
        + "target: amos22\nrules: none\ncases: [a, b]\n"
    )
    out = tmp_path / "out"
    code, said, err = command(
        "concordance", tmp_path / "cohort.yaml", "-o", out, "--maps", "--rules", "recommended"
    )
    assert code == 0, err
    assert "stands out" in said
    suspicion = list(read_csv("suspicion", out / "suspicion.csv"))
    assert [row["rank"] for row in suspicion] == list(range(1, len(suspicion) + 1))
    livers = [row for row in suspicion if row["structure"] == "liver"]
    assert [row["case"] for row in livers] == ["b", "a"]
    assert livers[0]["furthest_source"] == "three"
    assert livers[0]["disagreement_part"] > 0.2
    # A spleen of so few voxels is a finding in all of them.
    spleen = next(row for row in suspicion if row["structure"] == "spleen")
    assert spleen["findings_part"] > 0
    assert " in three" in spleen["findings"]
    summary = json.loads((out / "concordance.json").read_text())["summary"]
    assert [(s["structure"], s["source"]) for s in summary["stands_out"]] == [("liver", "three")]
    maps = [nib.load(out / "maps" / f"{case}.nii.gz") for case in "ab"]
    assert not maps[0].get_fdata().any()
    assert np.array_equal(maps[1].get_fdata() == 1, (organs == LIVER) != (three[2] == LIVER))
    assert np.array_equal(maps[1].affine, AFFINE)


def test_a_case_that_one_model_lacks_goes_on_with_the_others(tmp_path, save, organs, command):
    for model, cases in {"one": "ab", "two": "ab", "three": "b"}.items():
        for case in cases:
            save(f"{model}/{case}.nii.gz", organs, AFFINE)
    save("one/alone.nii.gz", organs, AFFINE)
    given = [word for m in ("one", "two", "three") for word in ("-p", f"amos22={tmp_path}/{m}")]
    out = tmp_path / "out"
    code, _, err = command("concordance", *given, "-o", out, "--rules", "none")
    assert code == 4
    assert "case `alone` is in `amos22` alone" in err
    rows = list(read_csv("concordance", out / "concordance.csv"))
    told = {row["case"]: row["sources"] for row in rows if row["structure"] == "liver"}
    assert told == {"a": 2, "b": 3}


def test_schemes_that_share_no_structure_are_refused(tmp_path, save, organs, command):
    """Organs beside vertebrae: nothing could be compared, and an empty table would not say why."""
    for name, labels in {"organs": organs, "spine": (organs > 0).astype(np.uint8) * 20}.items():
        save(f"{name}.nii.gz", labels, AFFINE)
    code, _, err = command(
        "concordance", "-p", f"amos22={tmp_path}/organs.nii.gz",
        "-p", f"verse={tmp_path}/spine.nii.gz",
    )  # fmt: skip
    assert code == 2
    assert "error[MEA008]: `amos22` and `verse` have no structure in common" in err
    files = {AMOS: tmp_path / "organs.nii.gz", "verse": tmp_path / "spine.nii.gz"}
    with pytest.raises(vesalius.DiagnosticError) as failed:
        vesalius.concordance(files)
    assert [each.code for each in failed.value.diagnostics] == ["MEA008"]
