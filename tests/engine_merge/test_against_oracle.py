"""The executor equals the oracle on random plans and volumes."""

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.execute import execute as oracle_execute
from vesalius.engine.execute import Case, execute
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import encode

AXES = list(itertools.permutations(range(3)))
ORIENTATIONS = [
    np.array([[axis, flip] for axis, flip in zip(axes, flips, strict=True)])
    for axes in itertools.permutations(range(3))
    for flips in itertools.product((1, -1), repeat=3)
]


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_equals_the_oracle(data, sample_strategy, assert_told_tally, voxels):
    sample = data.draw(sample_strategy)
    order = data.draw(st.sampled_from("CF"))
    result = sample.run(order, data.draw(st.sampled_from(AXES)))
    wanted = oracle_execute(
        sample.plan, sample.volumes, sample.affine, sample.shape, sample.metadata
    )
    assert np.array_equal(voxels(result.work), wanted.work)
    assert np.array_equal(voxels(result.labels), wanted.labels)
    assert [outcome.status for outcome in result.outcomes] == [o.status for o in wanted.outcomes]
    assert_told_tally(result.tally, wanted.tally)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_memory_layout_does_not_matter(data, sample_strategy, voxels):
    sample = data.draw(sample_strategy)
    first = sample.run("F", (0, 1, 2))
    for order, axes in (("C", (2, 1, 0)), ("F", (1, 0, 2)), ("C", (0, 2, 1))):
        other = sample.run(order, axes)
        assert other.labels.axes == other.work.axes == axes
        assert np.array_equal(voxels(first.labels), voxels(other.labels))
        assert np.array_equal(voxels(first.work), voxels(other.work))
        assert first.tally == other.tally


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_order_of_sources_does_not_matter(data, sample_strategy):
    sample = data.draw(sample_strategy)
    grid = Grid(sample.shape, sample.affine)
    sources = {name: encode(array, sample.affine) for name, array in sample.volumes.items()}
    results = [
        execute(sample.plan, Case(grid, (0, 1, 2), dict(order), sample.metadata))
        for order in itertools.islice(itertools.permutations(sources.items()), 6)
    ]
    for other in results[1:]:
        assert other.labels.same_as(results[0].labels)
        assert other.work.same_as(results[0].work)
        assert other.tally == results[0].tally


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_names_of_sources_do_not_matter(data, sample_strategy):
    # New tokens put the sources of the plan in another order.
    sample = data.draw(sample_strategy)
    tokens = [table.token for table in sample.plan.sources]
    renamed = dict(zip(tokens, data.draw(st.permutations(tokens)), strict=True))
    tables = [replace(table, token=renamed[table.token]) for table in sample.plan.sources]
    merging = sample.plan.merging
    merging = replace(merging, preferred=tuple(renamed[token] for token in merging.preferred))
    sources = tuple(sorted(tables, key=lambda table: table.token))
    plan = replace(sample.plan, sources=sources, merging=merging)
    volumes = {renamed[token]: volume for token, volume in sample.volumes.items()}
    first, other = sample.run(), replace(sample, plan=plan, volumes=volumes).run()
    assert other.labels.same_as(first.labels)
    assert other.work.same_as(first.work)
    for name in ("conflicts", "anchors", "structures", "lost"):
        assert getattr(other.tally, name) == getattr(first.tally, name)
    named = {source.token: source.integers for source in other.tally.sources}
    for source in first.tally.sources:
        assert named[renamed[source.token]] == source.integers


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_all_orientations_agree(data, sample_strategy, reorient, assert_same_tally, voxels):
    sample = data.draw(sample_strategy)
    first = sample.run()
    for orientation in ORIENTATIONS:
        other = reorient.sample(sample, orientation).run()
        expected = reorient.array(voxels(first.labels), orientation)
        assert np.array_equal(voxels(other.labels), expected)
        assert_same_tally(other.tally, first.tally)
