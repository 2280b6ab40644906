"""Do no harm: on a clean phantom nothing is changed and nothing is found."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from planting.measure import run_pack
from planting.promises import PROMISES

from vesalius.adapters.phantom.orientation import turn_from_code, turned, turned_grid

ORIENTATIONS = [
    "".join(letters) for axes in permutations(("RL", "AP", "SI")) for letters in product(*axes)
]
CHUNKS = [ORIENTATIONS[first::6] for first in range(6)]


def test_all_orientations_are_there():
    assert len(set(ORIENTATIONS)) == 48
    assert sorted(code for chunk in CHUNKS for code in chunk) == sorted(ORIENTATIONS)


@pytest.mark.parametrize("chunk", CHUNKS, ids=lambda chunk: chunk[0])
@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("pack", list(PROMISES))
def test_clean_in_every_orientation(patient, compiled, scheme, pack, sex, chunk):
    person = patient(sex, 1, 5.0)
    # Man and woman together have all.
    for code in chunk[sex == "male" :: 2]:
        turn = turn_from_code(code)
        truth, ct = turned(person.truth, turn), turned(person.ct, turn)
        after, run = run_pack(
            compiled(pack), scheme, truth, ct, turned_grid(person.grid, turn), sex
        )
        wrong = [
            (o.rule, o.status, o.reason, [(m.source, m.target, m.voxels) for m in o.moves])
            for o in run.outcomes
            if o.status not in ("holds", "skipped") or o.findings
        ]
        assert not wrong, (code, wrong)
        assert np.array_equal(after, truth), code


@pytest.mark.parametrize("pack", list(PROMISES))
@pytest.mark.parametrize("seed", [0, 2, 3])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_clean_of_other_seeds(patient, compiled, scheme, pack, sex, seed):
    person = patient(sex, seed, 4.0)
    after, run = run_pack(compiled(pack), scheme, person.truth, person.ct, person.grid, sex)
    wrong = [
        (o.rule, o.status, o.reason, [(m.source, m.target, m.voxels) for m in o.moves])
        for o in run.outcomes
        if o.status not in ("holds", "skipped") or o.findings
    ]
    assert not wrong
    assert np.array_equal(after, person.truth)
