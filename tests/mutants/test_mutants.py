"""Planted mistakes of the engine, each caught by a named test of `pack.yaml`.

A mutant replaces one function or constant of the engine by a version with one mistake. The named
tests pass without it and must fail with it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vesalius.engine.judging import context, labelwise
from vesalius.engine.kinds import from_hu, on_own_side
from vesalius.engine.merge import anchors
from vesalius.engine.runs import components, halfspace, measure

SWAPPED = "sides/own-side::swapped kidneys change places"
SHARE = "sides/own-side::nine voxels of ten are enough for a side"
TOO_FEW = "sides/own-side::seventeen voxels of twenty are too few for a side"
ON_PLANE = "areas/not-left-of-the-midline::a voxel on the plane lies left of it"
CENTRE = "areas/bladder-not-above-the-pelvis::the centre decides"
EDGE = "pieces/one-spleen::touching at an edge is not touching"
TIE = "pieces/one-spleen::of two equal pieces the one further left stays"
TWO_ML = "pieces/small-livers-do-not-count::two millilitres are not below two"
WINDOW = "derive/bone-is-skull::the window is closed at its lower end"
DARK = "derive/bone-is-skull::what is darker stays"
LOPSIDED = "derive/bone-is-skull::only the bright side"

MUTANTS = {}


def mutant(*caught_by):
    """Register a mistake and the tests that must catch it."""

    def register(plant):
        MUTANTS[plant.__name__] = (plant, caught_by)
        return plant

    return register


@mutant(SWAPPED, ON_PLANE)
def array_axes_taken_for_patient_axes_by_planes(patch):
    def coefficients(self, grid):
        spacing, origin = grid.spacing_mm, grid.affine[:3, 3]
        normal = np.array(self.normal)
        a, b, c = (normal * spacing).tolist()
        return a, b, c, float(normal @ origin) - self.offset_mm

    patch.setattr(halfspace.HalfSpace, "coefficients", coefficients)


@mutant(CENTRE)
def array_axes_taken_for_patient_axes_by_centres(patch):
    def to_mm(grid, ijk):
        return np.asarray(ijk * np.array(grid.spacing_mm) + grid.affine[:3, 3])

    patch.setattr(measure, "to_mm", to_mm)


@mutant(LOPSIDED)
def array_axes_swapped_by_the_image(patch):
    honest = context.ArrayImage.values

    def values(self, slab):
        swapped = context.ArrayImage(np.flip(self.array, 0))
        return honest(swapped, slab)

    patch.setattr(context.ArrayImage, "values", values)


@mutant(EDGE)
def edges_connect(patch):
    honest = context.components

    def components_(runs, connectivity=6, key=None):
        return honest(runs, 26 if connectivity == 6 else connectivity, key)

    patch.setattr(context, "components", components_)
    patch.setattr(labelwise, "components", components_)


@mutant(SWAPPED, ON_PLANE)
def positive_and_negative_side_swapped(patch):
    honest = halfspace.HalfSpace.coefficients

    def coefficients(self, grid):
        a, b, c, d = honest(self, grid)
        return -a, -b, -c, -d

    patch.setattr(halfspace.HalfSpace, "coefficients", coefficients)


@mutant(ON_PLANE)
def voxels_on_a_plane_left_out(patch):
    """`>` for `>=` in the half-space, whose plane stands `TIE_MM` off for exactly this."""
    patch.setattr(anchors, "TIE_MM", -anchors.TIE_MM)


@mutant(SHARE)
def share_must_be_exceeded(patch):
    """`>` for `>=` in the share of a component that counts as the whole."""
    honest = on_own_side.take_sides

    def take_sides(voxels, inside, component, n, whole_share):
        return honest(voxels, inside, component, n, np.nextafter(whole_share, 2))

    patch.setattr(on_own_side, "take_sides", take_sides)


@mutant(TWO_ML)
def volume_at_the_limit_is_below_it(patch):
    """`<=` for `<` in a volume limit."""

    def below_ml(self, voxels, limit_ml):
        return np.asarray(voxels) * self.work.grid.voxel_ml <= limit_ml * (1 + context.SLACK)

    patch.setattr(context.Context, "below_ml", below_ml)


@mutant(WINDOW)
def window_open_at_its_lower_end(patch):
    """`>` for `>=` in the Hounsfield window."""
    honest = from_hu.in_window

    def in_window(labelmap, values, lo_hu, hi_hu):
        return honest(labelmap, values, np.nextafter(lo_hu, np.inf), hi_hu)

    patch.setattr(from_hu, "in_window", in_window)


@mutant(TIE)
def ties_by_memory_order(patch):
    """Of equal components the first in memory, instead of in the patient."""
    honest = components._in_order

    def in_order(labelmap, raw, label):
        found = honest(labelmap, raw, label)
        first = [int(np.flatnonzero(found.of_run == at)[0]) for at in range(len(found))]
        order = np.lexsort((first, -found.voxels, found.label))
        number = np.append(np.argsort(order), -1).astype(np.int32)
        m = found.measures
        columns = {
            name: getattr(m, name)[order] for name in ("voxels", "box_lo", "box_hi", "index_sum")
        }
        return replace(
            found,
            of_run=number[found.of_run],
            label=found.label[order],
            measures=replace(m, **columns),
        )

    patch.setattr(components, "_in_order", in_order)


CASES = [(name, test) for name, (_, tests) in MUTANTS.items() for test in tests]


@pytest.mark.parametrize(("name", "test"), CASES, ids=[f"{n}-{t}" for n, t in CASES])
def test_mutant_is_caught(name, test, run, monkeypatch):
    assert run(test).word == "passed"
    MUTANTS[name][0](monkeypatch)
    assert run(test).word != "passed"


@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("array_axes_taken_for_patient_axes_by_planes", SWAPPED),
        ("array_axes_taken_for_patient_axes_by_centres", CENTRE),
    ],
)
def test_one_orientation_alone_does_not_show_the_axis_mistake(name, test, run, monkeypatch):
    """Why each test runs in 48: as the patient lies, array and patient axes are the same."""
    MUTANTS[name][0](monkeypatch)
    assert run(test, orientations=1).word == "passed"
    assert run(test).word == "unstable"


def test_ties_by_memory_order_are_unstable(run, monkeypatch):
    ties_by_memory_order(monkeypatch)
    result = run(TIE)
    assert not result.passed
    assert any(detail.startswith("unlike RAS C, in ") for detail in result.details)


def test_every_test_of_the_pack_passes(items, run):
    assert {name: run(name).details for name in items} == dict.fromkeys(items, ())


def test_every_test_of_the_pack_catches_a_mutant(items):
    # The mistake that TOO_FEW catches stands in the rules, so test_planted.py plants it.
    assert set(items) - {DARK, TOO_FEW} == {test for _, test in CASES}
