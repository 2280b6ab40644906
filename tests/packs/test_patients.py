"""Patients and scans that defeat careless rules: nothing is changed, and what is said is known.

tests/packs/README.md has them as a table.
"""

import numpy as np
import pytest

from shipped_packs import shipped_pack
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels
from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.places import load_anchors

SPACING_MM = 4.0


class Body:
    """A phantom in the integers of the DAP Atlas, and the default pack for it."""

    def __init__(self):
        self.ontology = load_ontology()
        anchors = load_anchors(self.ontology)
        self.pack = shipped_pack("recommended")
        target = load_scheme("dap_atlas", self.ontology)
        self.label = {name: target.integer_of(name) for name in target.structures()}
        self.lowered = compile_rules(self.pack, self.ontology, anchors, self.label)
        made = make_phantom(
            load_description(ontology=self.ontology), (SPACING_MM,) * 3, sex="male", seed=1
        )
        self.truth, self.ct = truth_labels(made, target), made.ct
        self.affine = made.grid.affine
        self.truth.flags.writeable = False

    def run(self, labels, affine=None, ct=None):
        """Run the pack; return the labels and the rules that found something, by severity."""
        affine = self.affine if affine is None else affine
        ruled = run_steps(
            self.lowered.steps,
            self.lowered.anchors,
            encode(np.ascontiguousarray(labels), affine),
            {"sex": "male"},
            None if ct is None else ArrayImage(np.ascontiguousarray(ct)),
            Options(tokens={i: n for n, i in self.label.items()}),
        )
        assert not [o for o in ruled.outcomes if o.status == "failed"]
        found = {"error": set(), "warning": set(), "info": set()}
        for outcome in ruled.outcomes:
            if outcome.findings:
                found[self.pack.rule(outcome.rule).severity].add(outcome.rule)
        return decode(ruled.labels, np.uint16), found

    def untouched(self, labels, affine=None, ct=None):
        after, found = self.run(labels, affine, ct)
        assert np.array_equal(after, labels)
        return found

    def without(self, *names):
        lost = np.isin(self.truth, [self.label[name] for name in names])
        return np.where(lost, np.uint16(self.label["unknown_tissue"]), self.truth)


@pytest.fixture(scope="module")
def body():
    return Body()


SILENT = {"error": set(), "warning": set(), "info": set()}


def turn(axis, degrees):
    """Return a rotation of patient space about one of its axes."""
    one, other = [a for a in range(3) if a != axis]
    turned = np.eye(4)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned[one, one] = turned[other, other] = cosine
    turned[one, other], turned[other, one] = -sine, sine
    return turned


# Crops ------------------------------------------------------------------------------------------


def _windows():
    yield from ((2, slice(k, None)) for k in range(12, 230, 31))
    yield from ((2, slice(None, k)) for k in range(18, 245, 31))
    # Here the left lung is cut, and the right one is not.
    yield from ((2, slice(None, k)) for k in (144, 150))
    yield from ((2, slice(k, k + 40)) for k in range(0, 200, 40))
    yield from ((0, slice(k, None)) for k in (40, 56, 64, 72, 88))
    yield from ((0, slice(None, k)) for k in (48, 64, 72, 80, 96))
    yield from ((1, slice(k, None)) for k in (16, 32, 40))
    yield from ((1, slice(None, k)) for k in (32, 40, 56))


@pytest.mark.parametrize(
    ("axis", "window"), list(_windows()), ids=lambda v: str(v).replace("slice", "")
)
def test_a_crop_is_left_alone_and_nothing_is_found(body, axis, window):
    cut = tuple(window if a == axis else slice(None) for a in range(3))
    affine = body.affine.copy()
    affine[:3, 3] += affine[:3, axis] * (window.start or 0)
    assert body.untouched(body.truth[cut], affine, body.ct[cut]) == SILENT


def test_one_leg(body):
    hip = np.argwhere(body.truth == body.label["hip_left"])
    low, high = hip.min(axis=0), hip.max(axis=0) + 1
    cut = (slice(low[0], high[0]), slice(None), slice(0, high[2]))
    affine = body.affine.copy()
    affine[:3, 3] += affine[:3, 0] * low[0]
    assert body.untouched(body.truth[cut], affine, body.ct[cut]) == SILENT


def test_air_around_it_changes_nothing(body):
    affine = body.affine.copy()
    affine[:3, 3] -= affine[:3, :3] @ [7, 7, 7]
    found = body.untouched(np.pad(body.truth, 7), affine, np.pad(body.ct, 7, constant_values=-1000))
    assert found == SILENT


def test_thick_slices(body):
    affine = body.affine.copy()
    affine[:, 2] *= 2
    assert body.untouched(body.truth[:, :, ::2], affine, body.ct[:, :, ::2]) == SILENT


def test_an_empty_map_and_a_single_slice(body):
    assert body.untouched(np.zeros((5, 6, 7), dtype=np.uint16)) == SILENT
    for k in (60, 120, 180):
        body.untouched(body.truth[:, :, k : k + 1])


# Patients ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lost",
    [
        ("kidney_left",),
        ("kidney_right", "adrenal_gland_right"),
        ("spleen",),
        ("liver",),
        ("rib_left_12", "rib_right_12"),
        ("rib_left_12",),
        ("sternum_body", "sternum_manubrium", "costal_cartilages"),
        ("lung_upper_lobe_left", "lung_lower_lobe_left"),
        ("femur_left", "hip_left"),
    ],
    ids="+".join,
)
def test_what_is_not_there(body, lost):
    found = body.untouched(body.without(*lost), None, body.ct)
    assert not found["error"]
    # The gluteal muscles of a hip that was taken out are nowhere near the other one's; an organ
    # that is missing among its neighbours may carry the name of one.
    assert not found["warning"] - {
        "contact/gluteal-muscles",
        "place/belly-is-complete",
        "place/both-of-a-pair",
    }


def test_situs_inversus_is_reported_and_not_relabelled(body):
    """The mirrored patient, in whom what has a side is named by the side where it is."""
    table = np.arange(body.truth.max() + 1, dtype=np.uint16)
    for name, label in body.label.items():
        mirror = body.ontology.mirror(name)
        if mirror in body.label:
            table[label] = body.label[mirror]
    affine = body.affine.copy()
    affine[0, 3] = -(affine[0, 3] + affine[0, 0] * (body.truth.shape[0] - 1))
    found = body.untouched(table[body.truth[::-1]], affine, body.ct[::-1])
    assert {"orientation/liver-right-of-spleen", "orientation/liver-on-the-right"} <= found["error"]


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("degrees", [-30, -20, 20, 30])
def test_a_turned_patient(body, axis, degrees):
    found = body.untouched(body.truth, turn(axis, degrees) @ body.affine, body.ct)
    assert not found["error"]


@pytest.mark.parametrize("apex_mm", [20, 40, 60, 80])
def test_scoliosis(body, apex_mm):
    bent, ct = np.zeros_like(body.truth), np.full_like(body.ct, -1000)
    layers, width = body.truth.shape[2], body.truth.shape[0]
    for k in range(layers):
        place = np.clip((k / layers - 0.3) / 0.5, 0, 1)
        by = round(apex_mm / SPACING_MM * np.sin(np.pi * place))
        bent[by:, :, k], ct[by:, :, k] = body.truth[: width - by, :, k], body.ct[: width - by, :, k]
    assert not body.untouched(bent, None, ct)["error"]


def test_gantry_tilt(body):
    """A sheared grid whose affine says so: the patient is what it was."""
    affine = body.affine.copy()
    affine[1, 2] += 0.3 * affine[2, 2]
    flat = np.indices(body.truth.shape).reshape(3, -1)
    xyz_mm = affine[:3, :3] @ flat + affine[:3, 3:]
    back = np.rint(np.linalg.inv(body.affine[:3, :3]) @ (xyz_mm - body.affine[:3, 3:])).astype(int)
    inside = ((back >= 0) & (back < np.array(body.truth.shape)[:, None])).all(axis=0)
    tilted = np.zeros(body.truth.size, dtype=np.uint16)
    tilted[inside] = body.truth[tuple(back[:, inside])]
    assert not body.untouched(tilted.reshape(body.truth.shape), affine)["error"]


def named(body, **names):
    """Give some structures other names, and the rest of what is named no longer."""
    changed = body.truth.copy()
    for old, new in names.items():
        changed[body.truth == body.label[old]] = body.label.get(new, 0)
    return changed


def test_eleven_thoracic_vertebrae_are_not_renumbered(body):
    """T12 is a lumbar vertebra by name, and the last lumbar one belongs to the sacrum."""
    names = {"vertebrae_T12": "vertebrae_L1", "vertebrae_L5": "sacrum"}
    names |= {f"vertebrae_L{k}": f"vertebrae_L{k + 1}" for k in range(1, 5)}
    body.untouched(named(body, **names))


FOUR_LUMBAR = {"vertebrae_L5": "sacrum"}
ELEVEN_THORACIC = {
    "vertebrae_T12": "vertebrae_L1",
    **{f"vertebrae_L{k}": f"vertebrae_L{k + 1}" for k in range(1, 5)},
    **{f"rib_{side}_12": "none" for side in ("left", "right")},
    **FOUR_LUMBAR,
}


@pytest.mark.parametrize("names", [FOUR_LUMBAR, ELEVEN_THORACIC])
def test_four_lumbar_or_eleven_thoracic_vertebrae_are_no_error(body, names):
    """The last lumbar one fused with the sacrum, and eleven with eleven ribs: told, no more."""
    said = body.untouched(named(body, **names))
    assert not said["error"]
    assert said["warning"]


def test_a_sixth_lumbar_vertebra_is_not_renumbered(body):
    """A target that lists L6: the spine of this patient has one more."""
    ontology, label = body.ontology, {**body.label, "vertebrae_L6": max(body.label.values()) + 1}
    anchors = load_anchors(ontology)
    lowered = compile_rules(body.pack, ontology, anchors, label)
    six = body.truth.copy()
    six[body.truth == label["vertebrae_L5"]] = label["vertebrae_L6"]
    for k in range(5, 0, -1):
        above = "vertebrae_T12" if k == 1 else f"vertebrae_L{k - 1}"
        six[body.truth == label[above]] = label[f"vertebrae_L{k}"]
    six[body.truth == label["vertebrae_T11"]] = label["vertebrae_T12"]
    for k in range(11, 1, -1):
        six[body.truth == label[f"vertebrae_T{k - 1}"]] = label[f"vertebrae_T{k}"]
    six[body.truth == label["vertebrae_C7"]] = label["vertebrae_T1"]
    six[body.truth == label["vertebrae_C6"]] = label["vertebrae_C7"]
    six[np.isin(body.truth, [label[f"vertebrae_C{k}"] for k in range(1, 6)])] = 0
    ruled = run_steps(lowered.steps, lowered.anchors, encode(six, body.affine), {"sex": "male"})
    assert np.array_equal(decode(ruled.labels, np.uint16), six)
    assert {o.rule: o.status for o in ruled.outcomes}["spine/numbers"] == "holds"


def test_one_level_that_a_model_missed_is_reported(body):
    lost = np.where(body.truth == body.label["vertebrae_T7"], np.uint16(0), body.truth)
    assert "spine/no-gap" in body.untouched(lost)["error"]


def test_broken_and_touching_ribs_keep_their_names(body):
    broken = body.truth.copy()
    rib = np.argwhere(broken == body.label["rib_left_5"])
    middle = rib[np.abs(rib[:, 1] - np.median(rib[:, 1])) <= 1]
    broken[tuple(middle.T)] = 0
    # With one rib missing and one in two the number is right, and the names are not one off.
    broken[broken == body.label["rib_left_6"]] = 0
    body.untouched(broken)
