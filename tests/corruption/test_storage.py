"""How an array is stored says nothing; every rule rests after its own repair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from planting.kinds import KINDS
from planting.measure import run_pack
from planting.promises import PROMISES

from vesalius.adapters.phantom.orientation import turn_from_code, turned, turned_grid
from vesalius.engine.attempt import Options, attempt_step
from vesalius.engine.execute import Case, execute
from vesalius.engine.judging.context import ArrayImage, start
from vesalius.engine.plan.step import Step
from vesalius.engine.runs.labelmap import encode

BY_NAME = {kind.name: kind for kind in KINDS}
WHO = ("male", 1, 5.0)
# Kinds that touch different voxels; the later win.
LAYERS = (
    "ribs/shuffled",
    "side halves/split pairs",
    "side halves/other pairs",
    "spine/fragments",
    "areas/eyes as gonads",
    "areas/trachea as bronchus",
    "areas/bladder above pelvis",
    "sex/strays",
    "gaps/holes in organs",
    "gaps/holes across",
    "gaps/skull",
    "blobs near/suppressed",
    "blobs far/exempt",
    "blobs across/suppressed",
)
# On top of the others it keeps `recommended` busy: what it makes worse is undone in many rounds.
ONLY_IN = {"dap_atlas": ("salt/anywhere",), "recommended": ()}
# Each axis of the patient lies along each of the array once, in both directions.
TURNS = ["LPS", "PIR", "SLA"]


@pytest.fixture(scope="module")
def mixed(patient):
    """Give what a pack is run on: everything planted at once."""
    person = patient(*WHO)

    @cache
    def mix(pack):
        planted = person.truth.copy()
        for name in (*LAYERS, *ONLY_IN[pack]):
            layer = BY_NAME[name].planted(person)
            touched = layer != person.truth
            planted[touched] = layer[touched]
        planted.flags.writeable = False
        return planted

    return mix


@pytest.fixture(scope="module")
def plain(mixed, patient, compiled, scheme):
    """Give a pack's result on everything, with the outcomes."""
    found: dict = {}
    person = patient(*WHO)

    def run(pack):
        if pack not in found:
            found[pack] = run_pack(
                compiled(pack), scheme, mixed(pack), person.ct, person.grid, person.sex
            )
        return found[pack]

    return run


def _stored(array: np.ndarray, how: str) -> np.ndarray:
    if how == "fortran":
        return np.asfortranarray(array)
    if how == "view":
        wide = np.zeros((*array.shape[:2], 2 * array.shape[2]), dtype=array.dtype)
        wide[:, :, ::2] = array
        return wide[:, :, ::2]
    return array.astype(how)


@pytest.mark.parametrize("how", ["uint8", "int16", "int64", "view"])
def test_a_dtype_or_a_view_is_the_same_map(mixed, patient, how):
    """So nothing that runs on it can tell."""
    affine, labels = patient(*WHO).grid.affine, mixed("dap_atlas")
    assert encode(_stored(labels, how), affine).same_as(encode(labels, affine))


@pytest.mark.parametrize("pack", list(PROMISES))
def test_memory_order(mixed, plain, patient, compiled, scheme, pack):
    person = patient(*WHO)
    expected, first = plain(pack)
    after, run = run_pack(
        compiled(pack), scheme, _stored(mixed(pack), "fortran"), person.ct, person.grid, person.sex
    )
    assert np.array_equal(after, expected)
    assert _told(run) == _told(first)


@pytest.mark.parametrize("code", TURNS)
@pytest.mark.parametrize("pack", list(PROMISES))
def test_orientation(mixed, plain, patient, compiled, scheme, pack, code):
    person = patient(*WHO)
    expected, first = plain(pack)
    turn = turn_from_code(code)
    after, run = run_pack(
        compiled(pack),
        scheme,
        turned(mixed(pack), turn),
        turned(person.ct, turn),
        turned_grid(person.grid, turn),
        person.sex,
    )
    assert np.array_equal(after, turned(expected, turn))
    assert _told(run) == _told(first)


def _told(run) -> list[tuple]:
    """Return the outcomes without places in the array; millimetres to a thousandth."""
    return [
        (
            outcome.rule,
            outcome.status,
            sorted((m.source, m.target, m.voxels) for m in outcome.moves),
            sorted(
                (f.kind, f.labels, f.voxels, tuple(round(v, 3) + 0.0 for v in f.at_mm or ()))
                for f in outcome.findings
            ),
        )
        for outcome in run.outcomes
    ]


@pytest.mark.parametrize("pack", list(PROMISES))
def test_lint_changes_nothing(mixed, patient, compiled, scheme, pack):
    person = patient(*WHO)
    labels = mixed(pack)
    after, run = run_pack(
        compiled(pack), scheme, labels, person.ct, person.grid, person.sex, Options(repair=False)
    )
    assert np.array_equal(after, labels)
    assert any(outcome.status == "violated" for outcome in run.outcomes)


@pytest.mark.parametrize("pack", list(PROMISES))
def test_each_rule_rests_after_its_repair(mixed, patient, compiled, scheme, pack):
    person = patient(*WHO)
    whole, labels = compiled(pack), mixed(pack)
    changing = 0
    for rule, steps in _steps_that_act(whole, scheme, labels, person):
        alone = replace(whole, plan=replace(whole.plan, steps=steps))
        where = (person.ct, person.grid, person.sex, Options(unsafe=True))
        once, run = run_pack(alone, scheme, labels, *where)
        assert all(outcome.status != "failed" for outcome in run.outcomes), run.outcomes
        if np.array_equal(once, labels):
            continue
        changing += 1
        twice, _ = run_pack(alone, scheme, once, *where)
        assert np.array_equal(twice, once), rule
    assert changing


def _steps_that_act(whole, scheme, labels, person) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Yield the rules that may change a map, or fail on it, with their steps.

    All are tried on one context, so that what they measure is measured once; one that does
    nothing alone needs no run of its own.
    """
    encoded = encode(labels, person.grid.affine)
    case = Case(person.grid, encoded.axes, {scheme.name: encoded}, {}, ArrayImage(person.ct))
    work = execute(replace(whole.plan, steps=()), case).work
    context = start(work, whole.plan.rule_anchors, {"sex": person.sex}, ArrayImage(person.ct))
    steps_of: dict[str, list[Step]] = {}
    for step in whole.plan.steps:
        steps_of.setdefault(step.rule, []).append(step)
    for rule, steps in steps_of.items():
        tried = [attempt_step(step, context, Options(unsafe=True)) for step in steps]
        if any(one.changes is not None or one.outcome.status == "failed" for one in tried):
            yield rule, tuple(steps)


@pytest.mark.parametrize("pack", list(PROMISES))
def test_whole_pack_comes_to_rest(mixed, plain, patient, compiled, scheme, pack):
    """With everything wrong at once an early rule may wait for what a later one mends."""
    person = patient(*WHO)
    where = (person.ct, person.grid, person.sex)
    once, _ = plain(pack)
    twice, _ = run_pack(compiled(pack), scheme, once, *where)
    thrice, _ = run_pack(compiled(pack), scheme, twice, *where)
    first, second = np.count_nonzero(once != mixed(pack)), np.count_nonzero(twice != once)
    assert second < first / 10
    assert np.array_equal(thrice, twice)
