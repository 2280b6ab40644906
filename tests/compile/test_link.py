"""What a class becomes in a target: the cases of the design, one by one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vesalius.engine.plan.plan import Choose, Divide, Ignore, Paint
from vesalius.ontology.scheme.meaning import BySide, To
from vesalius.rules.compile.link_schemes import mirrored_children


def meaning(compiled, integer):
    entries = {e.integer: e.meaning for s in compiled.linked.sources for e in s.entries}
    return entries[integer]


def action(compiled, integer):
    return dict(compiled.plan.sources[0].actions)[integer]


def label(compiled, token):
    return next(w.label for w in compiled.plan.work if w.token == token)


def test_a_listed_structure_stays_itself(scheme, compiled):
    result = compiled(scheme("t", "5: liver"), scheme("s", "1: liver"))
    assert meaning(result, 1) == To("liver", "itself")
    assert action(result, 1) == Paint(label(result, "liver"))
    assert result.diagnostics == ()


def test_a_finer_structure_rolls_up_to_the_nearest_listed_ancestor(scheme, compiled):
    target = scheme("t", "1: heart\n2: sacrum")
    result = compiled(target, scheme("s", "1: heart_ventricle_left\n2: vertebrae_S1"))
    assert meaning(result, 1) == To("heart", "rolled up from heart_ventricle_left")
    assert meaning(result, 2) == To("sacrum", "rolled up from vertebrae_S1")


def test_an_unsided_structure_is_divided_where_the_target_lists_both_sides(scheme, compiled):
    target = scheme("t", "1: kidney_left\n2: kidney_right")
    result = compiled(target, scheme("s", "1: kidney"))
    divided = meaning(result, 1)
    assert isinstance(divided, BySide)
    assert [m.structure for m in (divided.left, divided.right, divided.unknown)] == [
        "kidney_left",
        "kidney_right",
        "kidney",
    ]
    assert action(result, 1) == Divide(
        anchor=0,
        positive=Paint(label(result, "kidney_left")),
        negative=Paint(label(result, "kidney_right")),
        otherwise=Paint(label(result, "kidney")),
    )
    assert result.plan.anchors[0].toward == (-1.0, 0.0, 0.0)


def test_an_unsided_structure_stays_whole_where_the_target_lists_it(scheme, compiled):
    result = compiled(scheme("t", "1: kidney\n2: kidney_left"), scheme("s", "1: kidney"))
    assert meaning(result, 1) == To("kidney", "itself")


def test_a_sided_structure_joins_an_unsided_target(scheme, compiled):
    result = compiled(scheme("t", "1: kidney"), scheme("s", "1: kidney_left\n2: kidney_right"))
    assert meaning(result, 1) == To("kidney", "rolled up from kidney_left")
    assert meaning(result, 2) == To("kidney", "rolled up from kidney_right")


def test_a_coarser_structure_constrains_and_is_painted_below_its_parts(scheme, compiled):
    target = scheme("t", "1: lung_upper_lobe_left\n2: lung_lower_lobe_left\n3: fat")
    result = compiled(target, scheme("s", "1: lung_left"))
    assert meaning(result, 1) == To("lung_left", "auxiliary")
    ranks = {w.token: w.rank for w in result.plan.work}
    assert ranks["fat"] < ranks["lung_left"] < ranks["lung_upper_lobe_left"]
    assert {w.token: w.output for w in result.plan.work}["lung_left"] == 0


def test_sex_drop_and_ignore(scheme, compiled):
    target = scheme("t", "1: prostate\n2: uterus")
    source = scheme("s", "1: {male: prostate, female: uterus, unknown: drop}\n2: drop\n255: ignore")
    result = compiled(target, source)
    assert action(result, 1) == Choose(
        key="sex",
        options=(
            ("female", Paint(label(result, "uterus"))),
            ("male", Paint(label(result, "prostate"))),
        ),
        otherwise=Paint(0),
    )
    assert action(result, 2) == Paint(0)
    assert action(result, 255) == Ignore()


def test_place_above_a_structure(scheme, compiled):
    target = scheme("t", "1: colon\n2: nasal_cavity\n3: vertebrae_C1")
    source = scheme(
        "s",
        "1: {where: [{above: vertebrae_C1, is: nasal_cavity}], otherwise: colon, unknown: colon}\n"
        "2: vertebrae_C1",
    )
    result = compiled(target, source)
    assert action(result, 1) == Divide(
        anchor=0,
        positive=Paint(label(result, "nasal_cavity")),
        negative=Paint(label(result, "colon")),
        otherwise=Paint(label(result, "colon")),
    )
    anchor = result.plan.anchors[0]
    assert anchor.labels == (label(result, "vertebrae_C1"),)
    assert anchor.direction == (0.0, 0.0, 1.0)


def test_a_structure_needed_as_a_level_is_not_rolled_up(scheme, compiled):
    target = scheme("t", "1: sacrum\n2: colon\n3: prostate")
    source = scheme(
        "s",
        "1: {where: [{below: vertebrae_S1, is: prostate}], otherwise: colon, unknown: drop}\n"
        "2: vertebrae_S1",
    )
    result = compiled(target, source)
    assert action(result, 2) == Paint(label(result, "vertebrae_S1"))
    assert {w.token: w.output for w in result.plan.work}["vertebrae_S1"] == 1


def test_any_shipped_scheme_is_a_source_and_a_target(ontology, compiled):
    from vesalius.ontology.load import load_scheme, scheme_paths

    dap = load_scheme("dap_atlas", ontology)
    for name in scheme_paths():
        scheme = load_scheme(name, ontology)
        for result in (compiled(dap, scheme), compiled(scheme, dap), compiled(scheme, scheme)):
            assert not [d for d in result.diagnostics if d.severity == "error"], name


def test_a_scheme_in_its_own_target_maps_each_class_to_itself(ontology, compiled):
    from vesalius.ontology.load import load_scheme, scheme_paths

    for name in scheme_paths():
        scheme = load_scheme(name, ontology)
        result = compiled(scheme, scheme)
        outputs = {w.label: w.output for w in result.plan.work}
        actions = dict(result.plan.sources[0].actions)
        for entry in scheme.entries:
            if isinstance(entry.target, To) and entry.target.structure not in scheme.join:
                painted = actions[entry.integer]
                assert isinstance(painted, Paint), (name, entry)
                assert outputs[painted.label] == entry.integer, (name, entry)


def test_the_target_writes_a_class_of_its_own_before_one_under_a_condition(scheme, compiled):
    shared = "16: {male: prostate, female: uterus, unknown: drop}"
    target = scheme("t", f"{shared}\n118: prostate", "join: [prostate]\n")
    result = compiled(target, scheme("s", "1: prostate\n2: uterus"))
    outputs = {w.token: w.output for w in result.plan.work}
    assert outputs["prostate"] == 118
    assert outputs["uterus"] == 16


class Pairs:
    """Pairs of structures below `x`, each written as (left one's kinds, right one's kinds)."""

    def __init__(self, left, right, side="left"):
        self.structures = {
            "l": SimpleNamespace(is_a=left),
            "r": SimpleNamespace(is_a=right),
            "alone": SimpleNamespace(is_a=("x",)),
        }
        self.side = side

    def descendants(self, name, edges):
        assert (name, edges) == ("x", ("is_a",))
        return ("alone", "l")

    def mirror(self, name):
        return {"l": "r", "r": "l"}.get(name)

    def get(self, name, attribute):
        return self.side if name == "l" else None


@pytest.mark.parametrize(
    ("left", "right", "side", "listed", "found"),
    [
        (("x",), ("x",), "left", ("l", "r"), ("l", "r")),
        # Each of the conditions alone decides.
        (("y",), ("x",), "left", ("l", "r"), None),
        (("x",), ("y",), "left", ("l", "r"), None),
        (("x",), ("x",), "right", ("l", "r"), None),
        (("x",), ("x",), "left", ("l",), None),
        (("x",), ("x",), "left", ("r",), None),
        (("x",), ("x",), "left", ("alone",), None),
    ],
)
def test_mirrored_children_are_both_direct_kinds_and_both_listed(left, right, side, listed, found):
    integers = {name: at for at, name in enumerate(listed, start=1)}
    assert mirrored_children("x", Pairs(left, right, side), integers) == found


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_unsided_structure_is_not_divided_where_the_target_lists_one_side(
    scheme, compiled, side
):
    result = compiled(scheme("t", f"1: kidney_{side}"), scheme("s", "1: kidney"))
    assert meaning(result, 1) == To("kidney", "auxiliary")
