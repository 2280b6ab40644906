"""The pack of the paper: it is complete, and it leaves a clean body as it is."""

import re

import numpy as np
import pytest
from scipy import ndimage

from shipped_packs import shipped_pack
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels
from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.pack_places import packs_folder
from vesalius.rules.places import load_anchors

ONTOLOGY = load_ontology()
ANCHORS = load_anchors(ONTOLOGY)
PACK = shipped_pack("dap_atlas")
TARGET = load_scheme("dap_atlas", ONTOLOGY)
LABEL = {name: TARGET.integer_of(name) for name in TARGET.structures()}
ITEMS = [f"R{number}" for number in range(6, 47)]


def test_nothing_is_wrong_with_it():
    assert PACK.warnings == ()
    assert PACK.phases == ("derive", "sides", "spine", "ribs", "areas", "sex", "pieces", "rest")
    assert all(rule.summary and rule.reasons and rule.source for rule in PACK.rules)


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda r: r.id)
def test_a_rule_has_a_test_that_must_fire_and_one_that_must_not(rule):
    outcomes = {test.outcome for test in rule.tests}
    assert ("changed" if rule.changes else "violated") in outcomes
    assert outcomes & {"holds", "skipped"}


def test_the_table_of_the_readme_says_which_rules_an_item_has():
    text = (packs_folder() / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (R\d+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE))
    assert list(rows) == ITEMS
    areas = {rule.id for rule in PACK.rules if rule.phase == "areas"}
    rows["R34"] = rows["R34"].replace(
        "all `areas/` rules but `areas/eyeballs-on-their-side`",
        " ".join(f"`{name}`" for name in areas - {"areas/eyeballs-on-their-side"}),
    )
    told = {item: set(re.findall(r"`(\w+/[\w-]+)`", cell)) for item, cell in rows.items()}
    assert told == {item: {rule.id for rule in PACK.rules if item in rule.source} for item in ITEMS}


def test_the_twenty_six_pairs_of_the_script():
    split = {
        name.replace("_left", "").replace("_right", "") for name in judged("sides/paired-organs")
    }
    ribs = {f"rib_{number}" for number in range(1, 13)}
    assert split == ribs | {
        "kidney", "breast", "adrenal_gland", "thyroid_gland", "gluteus_maximus", "gluteus_medius",
        "gluteus_minimus", "iliopsoas", "autochthon", "clavicula", "scapula", "humerus", "hip",
        "femur",
    }  # fmt: skip
    assert len(split) == 26


def test_what_the_script_suppresses_and_the_heart():
    exempt = {1, 2, 3, 4, 5, 8, 9, 10, 18, 22, 23, 42, 91, *range(112, 120), 107, 125, 127}
    unknown_to_the_script = {132, 133, 134, *range(136, 145), 135}
    suppressed = set(LABEL.values()) - exempt - unknown_to_the_script
    ours = {LABEL[name] for name in judged("pieces/paired") | judged("pieces/single")}
    assert ours == suppressed - {LABEL["heart"]}
    assert not judged("pieces/paired") & judged("pieces/single")


def judged(rule_id):
    return {name for name in PACK.rule(rule_id).structures if name in LABEL}


# On the phantom ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lowered():
    return compile_rules(PACK, ONTOLOGY, ANCHORS, LABEL)


@pytest.fixture(scope="module")
def description():
    return load_description(ontology=ONTOLOGY)


@pytest.fixture(
    scope="module", params=[("male", 5.0), ("female", 5.0), ("male", 4.0), ("female", 4.5)]
)
def body(request, description):
    sex, spacing = request.param
    return make_phantom(description, (spacing,) * 3, sex=sex)


def run(lowered, body, labels, image=True):
    ruled = run_steps(
        lowered.steps,
        lowered.anchors,
        encode(labels, body.grid.affine),
        {"sex": body.sex},
        ArrayImage(body.ct) if image else None,
        Options(unsafe=True, check_reads=True, tokens={i: n for n, i in LABEL.items()}),
    )
    return decode(ruled.labels, np.uint16), {o.rule: o for o in ruled.outcomes}


def other_sex(body):
    return {
        "male": "sex/no-male-organs-in-females",
        "female": "sex/no-female-organs-in-males",
    }[body.sex]


def test_a_clean_body_without_a_ct_is_left_alone(lowered, body):
    truth = truth_labels(body, TARGET)
    labels, outcomes = run(lowered, body, truth, image=False)
    assert np.array_equal(labels, truth)
    skipped = {name: o.reason for name, o in outcomes.items() if o.status != "holds"}
    assert skipped == {
        "derive/skull": "the case has no image in HU",
        "derive/unknown-tissue": "the case has no image in HU",
        other_sex(body): f"does not apply: sex is {body.sex}",
        "rest/unknown-tissue": "the case has no image in HU",
    }
    assert {o.status for o in outcomes.values()} == {"holds", "skipped"}
    assert [idle.rule for idle in lowered.idle] == ["derive/bronchus", "derive/sternum-body"]


def test_a_clean_body_with_a_ct_stays_as_it_is(lowered, body):
    truth = truth_labels(body, TARGET)
    labels, outcomes = run(lowered, body, truth)
    assert np.array_equal(labels, truth)
    unlike = {name: o.status for name, o in outcomes.items() if o.status != "holds"}
    assert unlike == {other_sex(body): "skipped"}


def test_a_skull_that_is_missing_is_derived_exactly(lowered, body):
    truth = truth_labels(body, TARGET)
    skull = truth == LABEL["skull"]
    bare = np.where(skull, np.uint16(0), truth)
    bare[skull & (np.indices(truth.shape)[0] % 2 == 0)] = LABEL["fat"]
    labels, outcomes = run(lowered, body, bare)
    assert outcomes["derive/skull"].status == "changed"
    assert sum(move.voxels for move in outcomes["derive/skull"].moves) == skull.sum()
    assert np.array_equal(labels, truth)


def test_a_hole_in_the_labels_becomes_unknown_tissue(lowered, body):
    truth = truth_labels(body, TARGET)
    liver = truth == LABEL["liver"]
    core = ndimage.binary_erosion(liver, iterations=2)
    assert core.sum() > 100
    labels, _ = run(lowered, body, np.where(core, np.uint16(0), truth))
    assert np.array_equal(labels, np.where(core, np.uint16(LABEL["unknown_tissue"]), truth))


def test_everything_at_once_is_mended_and_stays(lowered, body):
    """The mistakes the paper names, each where it found them."""
    truth = truth_labels(body, TARGET)
    wrong = truth.copy()

    def rename(**pairs):
        for name, become in pairs.items():
            wrong[truth == LABEL[name]] = LABEL[become]

    rename(kidney_left="kidney_right", kidney_right="kidney_left", hip_right="hip_left")
    rename(iliac_artery_left="iliac_artery_right", iliac_artery_right="iliac_artery_left")
    rename(eyeball_left="gonads", eyeball_right="gonads", nasal_cavity="colon")
    rename(cheek_left="thyroid_gland_left", cheek_right="thyroid_gland_left")
    rename(rib_left_4="rib_left_5", rib_left_5="rib_left_6", rib_left_6="rib_left_4")
    rename(rib_right_2="rib_left_2")
    absent = "uterus" if body.sex == "male" else "prostate"
    bladder = truth == LABEL["urinary_bladder"]
    wrong[bladder & (np.cumsum(bladder, axis=2) > bladder.sum(axis=2, keepdims=True) - 1)] = LABEL[
        absent
    ]
    expected = np.where(wrong == LABEL[absent], np.uint16(LABEL["unknown_tissue"]), truth)
    labels, outcomes = run(lowered, body, wrong)
    assert np.array_equal(labels, expected)
    changed = {name for name, o in outcomes.items() if o.status == "changed"}
    assert changed == {
        "sides/paired-organs",
        "sides/iliac-vessels",
        "ribs/count",
        "areas/gonads-in-the-head-are-eyeballs",
        "areas/bowel-in-the-head-is-nasal-cavity",
        "areas/thyroid-in-the-face-is-cheek",
        {"male": "sex/no-female-organs-in-males", "female": "sex/no-male-organs-in-females"}[
            body.sex
        ],
    }
    again, outcomes = run(lowered, body, labels)
    assert np.array_equal(again, labels)
    assert not [name for name, o in outcomes.items() if o.status not in ("holds", "skipped")]
