"""Steps that share no label: their order means nothing, and a second run changes nothing."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from vesalius.engine.kinds import (
    Absent,
    Into,
    IntoNeighbour,
    IntoOther,
    IntoSides,
    Located,
    OnOwnSide,
    Pieces,
)
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Condition
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import encode

ANCHOR = LevelAnchor("fixed", (7,), 1, (1.0, 0.0, 0.0))


def step_of_pair(a, b):
    """Draw a step that reads and writes two labels only, and reads the anchor's label."""
    region = st.booleans().map(lambda inside: (Condition(0, inside),))
    per = st.sampled_from(["component", "voxel"])
    to_neighbour = IntoNeighbour(((a, (b,)), (b, (a,))), 0.0, 6, Into(0))
    pairs = ((a, b),)
    made = st.one_of(
        st.tuples(st.builds(Absent, st.just((a,)), region, per), st.sampled_from([0, b]).map(Into)),
        st.tuples(
            st.builds(Located, st.just((a, b)), region, st.booleans(), per), st.just(Into(0))
        ),
        st.tuples(
            st.builds(Pieces, st.sampled_from([(a,), (a, b)]), st.integers(1, 2)),
            st.sampled_from([to_neighbour, Into(0)]),
        ),
        st.tuples(
            st.builds(OnOwnSide, st.just(pairs), st.just(0), per, st.sampled_from([0.6, 0.9])),
            st.sampled_from([IntoOther(pairs), IntoSides(0, a, b)]),
        ),
    )
    return made.map(
        lambda both: Step(
            f"rule {a}", expect=both[0], repair=both[1], reads=(a, b, 7), writes=(a, b)
        )
    )


@settings(max_examples=80)
@given(
    steps=st.tuples(step_of_pair(1, 2), step_of_pair(3, 4), step_of_pair(5, 6)),
    order=st.permutations(range(3)),
    seed=st.integers(0, 2**32 - 1),
)
def test_order_means_nothing_and_nothing_is_left_to_do(steps, order, seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 7, 3))
    array = rng.integers(0, rng.choice([5, 8]), shape)
    array.flat[rng.integers(array.size)] = 7
    work = encode(array, np.diag([-1.5, 0.7, 2.0, 1.0]))
    options = Options(check_reads=True, trace=True)
    once = run_steps(steps, [ANCHOR], work, options=options)
    shuffled = run_steps([steps[n] for n in order], [ANCHOR], work, options=options)
    assert shuffled.labels.same_as(once.labels)
    assert list(shuffled.outcomes) == [once.outcomes[n] for n in order]
    # What is declared is all that is read: none failed because of that.
    assert not any("declare" in outcome.reason for outcome in once.outcomes)
    again = run_steps(steps, [ANCHOR], once.labels, options=options)
    assert again.labels.same_as(once.labels)
    assert len(again.trace) == 0
    for first, second in zip(once.outcomes, again.outcomes, strict=True):
        assert second.status == {"changed": "holds"}.get(first.status, first.status)
