"""What a class becomes in a target: the cases of the design, one by one."""

from __future__ import annotations

from vesalius.engine.plan import Choose, Divide, Ignore, Paint
from vesalius.rules.compile.link import BySideOf, Structure


def meaning(compiled, integer):
    entries = {e.integer: e.meaning for s in compiled.linked.sources for e in s.entries}
    return entries[integer]


def action(compiled, integer):
    return dict(compiled.plan.sources[0].actions)[integer]


def label(compiled, token):
    return next(w.label for w in compiled.plan.work if w.token == token)


def test_a_listed_structure_stays_itself(scheme, compiled):
    result = compiled(scheme("t", "5: liver"), scheme("s", "1: liver"))
    assert meaning(result, 1) == Structure("liver", "itself")
    assert action(result, 1) == Paint(label(result, "liver"))
    assert result.diagnostics == ()


def test_a_finer_structure_rolls_up_to_the_nearest_listed_ancestor(scheme, compiled):
    target = scheme("t", "1: heart\n2: sacrum")
    result = compiled(target, scheme("s", "1: heart_ventricle_left\n2: vertebrae_S1"))
    assert meaning(result, 1) == Structure("heart", "rolled up from heart_ventricle_left")
    assert meaning(result, 2) == Structure("sacrum", "rolled up from vertebrae_S1")


def test_an_unsided_structure_is_divided_where_the_target_lists_both_sides(scheme, compiled):
    target = scheme("t", "1: kidney_left\n2: kidney_right")
    result = compiled(target, scheme("s", "1: kidney"))
    divided = meaning(result, 1)
    assert isinstance(divided, BySideOf)
    assert [m.name for m in (divided.left, divided.right, divided.unknown)] == [
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
    assert meaning(result, 1) == Structure("kidney", "itself")


def test_a_sided_structure_joins_an_unsided_target(scheme, compiled):
    result = compiled(scheme("t", "1: kidney"), scheme("s", "1: kidney_left\n2: kidney_right"))
    assert meaning(result, 1) == Structure("kidney", "rolled up from kidney_left")
    assert meaning(result, 2) == Structure("kidney", "rolled up from kidney_right")


def test_a_coarser_structure_constrains_and_is_painted_below_its_parts(scheme, compiled):
    target = scheme("t", "1: lung_upper_lobe_left\n2: lung_lower_lobe_left\n3: fat")
    result = compiled(target, scheme("s", "1: lung_left"))
    assert meaning(result, 1) == Structure("lung_left", "auxiliary")
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
    from vesalius.ontology.library import load_scheme, scheme_paths

    dap = load_scheme("dap_atlas", ontology)
    for name in scheme_paths():
        scheme = load_scheme(name, ontology)
        for result in (compiled(dap, scheme), compiled(scheme, dap), compiled(scheme, scheme)):
            assert not [d for d in result.diagnostics if d.severity == "error"], name


def test_a_scheme_in_its_own_target_maps_each_class_to_itself(ontology, compiled):
    from vesalius.ontology.library import load_scheme, scheme_paths
    from vesalius.ontology.scheme_types import To

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
