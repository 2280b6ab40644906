"""The mirrored patient, with mirrored labels, comes out mirrored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planting.kinds import KINDS
from planting.measure import run_pack
from planting.promises import PROMISES

from vesalius.engine.runs.grid import Grid

BY_NAME = {kind.name: kind for kind in KINDS}
MIXED = [
    "clean",
    "side patches/split pairs",
    "side one whole/split pairs",
    "ribs/shuffled",
    "spine/fragments",
    "blobs near/suppressed",
    "blobs far/suppressed",
    "blobs far/exempt",
    "areas/eyes as gonads",
    "areas/cheeks as thyroid",
    "sex/strays",
    "gaps/holes in organs",
]


# A mirrored patient has the liver on the left, and a cautious rule takes that for a flipped image.
# So these trade names too: then what tells left from right lies where it should.
TRADED = (("liver", "spleen"), ("gallbladder", "stomach"))
# What tells a stomach by the gullet that ends in it, or a liver by its size, knows better.
UNTRADED = frozenset({"names/stomach-and-colon", "names/liver-and-spleen"})


def mirrored_grid(grid: Grid) -> Grid:
    """Give the grid of the patient's reflection, with the first array axis turned round."""
    affine = grid.affine.copy()
    affine[0, 3] = -(grid.affine[0, 3] + grid.affine[0, 0] * (grid.shape[0] - 1))
    return Grid(grid.shape, affine)


def mirror_table(person) -> np.ndarray:
    """Give the integer of the mirror of each structure."""
    table = np.arange(int(max(person.name_of)) + 1, dtype=np.uint16)
    for integer, name in person.name_of.items():
        partner = person.ontology.mirror(name)
        if partner is not None:
            table[integer] = person[partner]
    for one, other in TRADED:
        table[[person[one], person[other]]] = person[other], person[one]
    return table


def test_mirror_table_is_its_own_inverse(patient):
    table = mirror_table(patient("female", 2, 5.0))
    assert np.array_equal(table[table], np.arange(len(table)))
    assert np.count_nonzero(table != np.arange(len(table))) == 74 + 2 * len(TRADED)


def test_mirrored_grid_reflects_every_voxel(patient):
    grid = patient("female", 2, 5.0).grid
    index = np.array([[0, 0, 0], [3, 4, 5], [grid.shape[0] - 1, 1, 2]])
    opposite = index * [-1, 1, 1] + [grid.shape[0] - 1, 0, 0]
    assert np.allclose(mirrored_grid(grid).to_mm(opposite), grid.to_mm(index) * [-1, 1, 1])


CASES = [(pack, name) for pack in PROMISES for name in MIXED]


@pytest.mark.parametrize(("pack", "name"), CASES)
def test_mirrored_patient(patient, compiled, scheme, pack, name):
    person = patient("female", 2, 5.0)
    planted = person.truth if name == "clean" else BY_NAME[name].planted(person)
    table = mirror_table(person)
    whole = compiled(pack)
    steps = tuple(step for step in whole.plan.steps if step.rule not in UNTRADED)
    rules = replace(whole, plan=replace(whole.plan, steps=steps))
    after, _ = run_pack(rules, scheme, planted, person.ct, person.grid, person.sex)
    other, _ = run_pack(
        rules,
        scheme,
        table[planted[::-1]],
        person.ct[::-1],
        mirrored_grid(person.grid),
        person.sex,
    )
    difference = np.argwhere(other != table[after[::-1]])
    assert len(difference) == 0, [
        (tuple(map(int, at)), int(table[after[::-1]][tuple(at)]), int(other[tuple(at)]))
        for at in difference[:5]
    ]


@pytest.mark.parametrize("pack", list(PROMISES))
def test_flipped_volume_is_found(patient, compiled, scheme, pack):
    """An array turned round against its affine, with labels that follow the patient."""
    person = patient("female", 2, 5.0)
    _, run = run_pack(
        compiled(pack), scheme, person.truth[::-1], person.ct[::-1], person.grid, person.sex
    )
    tokens = {work.label: work.token for work in compiled(pack).plan.work}
    wrong = {
        tokens[label]
        for outcome in run.outcomes
        if outcome.status == "violated"
        for finding in outcome.findings
        for label in finding.labels
    }
    assert "liver" in wrong
