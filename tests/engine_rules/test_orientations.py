"""The same patient in all 48 orientations of the array, and the mirrored patient."""

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from orientations import PARTS, orientations
from vesalius.engine.kinds import IntoOther, IntoSides, OnOwnSide
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode


def in_patient(outcome):
    """Return an outcome without what is said in voxel indices or in free text."""

    def plain(findings):
        return tuple(replace(f, at_ijk=None, note="") for f in findings)

    return replace(
        outcome,
        reason="",
        findings=plain(outcome.findings),
        remaining=plain(outcome.remaining),
        moves=tuple(replace(m, box_ijk=((0, 0, 0), (0, 0, 0))) for m in outcome.moves),
    )


@settings(max_examples=20)
@given(data=st.data(), part=st.integers(0, PARTS - 1))
def test_all_orientations_of_the_array_give_one_outcome(cases, data, part):
    case = data.draw(cases())
    options = Options(unsafe=True, trace=True)

    def run(array, affine):
        work = encode(array, affine)
        return run_steps(case.steps, case.anchors, work, case.metadata, options=options)

    plain = run(case.array, case.affine)
    for turned, matrix, _, back in orientations(case.array, case.affine, part):
        again = run(turned, matrix)
        assert np.array_equal(back(decode(again.labels)), decode(plain.labels))
        assert np.array_equal(back(decode(again.trace)), decode(plain.trace))
        assert [in_patient(o) for o in again.outcomes] == [in_patient(o) for o in plain.outcomes]
        for own, other in zip(again.outcomes, plain.outcomes, strict=True):
            for one, two in zip(own.findings, other.findings, strict=True):
                assert (one.at_ijk is None) == (two.at_ijk is None)
                if one.at_ijk is not None:
                    # The voxel that is pointed at is the same one.
                    place = again.labels.grid.to_mm(one.at_ijk)
                    expected = plain.labels.grid.to_mm(two.at_ijk)
                    assert np.allclose(place, expected, atol=1e-6)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    per=st.sampled_from(["component", "voxel"]),
    share=st.sampled_from([0.6, 0.75, 1.0]),
    into_other=st.booleans(),
    blocks=st.booleans(),
)
def test_a_mirrored_patient_is_mended_into_the_mirrored_map(seed, per, share, into_other, blocks):
    rng = np.random.default_rng(seed)
    shape = tuple(2 * rng.integers(1, 4, 3))
    array = rng.choice([0, 1, 2, 3, 4, 4], size=shape).astype(np.uint8)
    if blocks:
        array = array[np.ix_(*(np.arange(n) // 2 for n in shape))]
    # A landmark off the middle: the plane goes through its centre, between two voxels.
    array = np.concatenate([array, np.full((1, *shape[1:]), 5), np.full((1, *shape[1:]), 5)])
    array = np.concatenate([array, rng.choice([1, 2, 0], size=shape)]).astype(np.uint8)
    affine = np.diag([1.5, 0.7, 2.0, 1.0])
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    swap = np.array([0, 2, 1, 4, 3, 5, 7, 6], dtype=np.uint8)
    anchor = LevelAnchor("middle", (5,), 1, (1.0, 0.0, 0.0))
    own = OnOwnSide(((1, 2), (3, 4)), 0, per, share)
    step = Step(
        "sides",
        expect=own,
        repair=IntoOther(own.pairs) if into_other else IntoSides(0, 6, 7, share),
        writes=(1, 2, 3, 4, 6, 7),
    )
    one = run_steps([step], [anchor], encode(array, affine))
    other = run_steps([step], [anchor], encode(swap[array], mirror @ affine))
    assert one.outcomes[0].status == other.outcomes[0].status
    assert np.array_equal(decode(other.labels), swap[decode(one.labels)])
