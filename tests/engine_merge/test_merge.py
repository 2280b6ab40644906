"""Ranks, pairs and agreement of the merge, against hand-drawn lines and voxel counting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.engine.merge import merge as merge_module
from vesalius.engine.merge.claims import Cell, Claims
from vesalius.engine.merge.merge import PairCounts, merge, merge_labels, relabelled
from vesalius.engine.plan.plan import Ignore, Paint, WorkLabel
from vesalius.engine.runs import kernels, merging
from vesalius.engine.runs import sweeps as setops
from vesalius.engine.runs.build import empty
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode

WORK = tuple(
    WorkLabel(label, f"w{label}", rank, 0, (), label)
    for label, rank in ((1, 5), (2, 40), (3, 7), (4, 6))
)


def line(text):
    """Integers of one line of voxels, `.` for background."""
    digits = [0 if letter == "." else int(letter) for letter in text.replace(" ", "")]
    return np.array(digits, dtype=np.uint8).reshape(-1, 1, 1)


def source(text, token="s"):
    """A source whose integer is the work label, and 9 an ignored integer."""
    cells = tuple(Cell(label, Paint(label)) for label in (1, 2, 3, 4))
    unused = tuple(Cell(label, Ignore()) for label in (5, 6, 7, 8, 9))
    return Claims(token, encode(line(text), np.eye(4)), cells + unused)


def merged_text(merged):
    return "".join("." if v == 0 else str(v) for v in decode(merged.work).ravel().tolist())


@pytest.fixture(params=["compiled", "numpy"])
def both_ways(request, monkeypatch):
    """Merge by the kernel, and by numpy."""
    if request.param == "numpy":
        monkeypatch.setattr(kernels, "compiled", None)


@pytest.mark.usefixtures("both_ways")
def test_highest_rank_wins_and_pairs_are_counted():
    one = source("1111 ..22 3399")
    two = source("1.22 9933 3344")
    three = source("4444 .... 44..")
    merged = merge([one, two, three], WORK, empty(one.runs.grid, (0, 1, 2)))
    assert merged_text(merged) == "4422..223344"
    # At 2 and 3 the labels 1, 2 and 4 are claimed and 2 wins over both others.
    assert merged.pairs == {(2, 1): 2, (2, 3): 2, (2, 4): 2, (3, 4): 2, (4, 1): 2}
    assert merged.cells[0] == {(1, 2): 2, (1, 4): 2, (2, 2): 2, (3, 3): 2, (9, 4): 2}
    assert merged.cells[1] == {(1, 4): 1, (2, 2): 2, (3, 2): 2, (3, 3): 2, (4, 4): 2, (9, 0): 2}
    assert merged.cells[2] == {(4, 2): 2, (4, 3): 2, (4, 4): 2}


@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize("text", ["1122 99.. 3311", "9999", "....", "1111 2229 4.4."])
@pytest.mark.parametrize("without", [(), (2,), (1, 2, 3, 4)])
def test_one_source_is_as_beside_one_that_says_nothing(text, without, count):
    def counted(claimed):
        return np.where(np.isin(claimed, without), 0, claimed).astype(np.uint16)

    one, silent = source(text), source("." * len(text.replace(" ", "")))
    like = empty(one.runs.grid, (0, 1, 2))
    alone = merge([one], WORK, like, count=count, counted=counted)
    beside = merge([one, silent], WORK, like, count=count, counted=counted)
    assert alone.work.same_as(beside.work)
    assert alone.pairs == beside.pairs
    assert alone.cells == beside.cells[:1]


@pytest.mark.usefixtures("both_ways")
def test_agreeing_sources_count_once():
    sources = [source("1122"), source("11.."), source("2211"), source("1122")]
    merged = merge(sources, WORK, empty(sources[0].runs.grid, (0, 1, 2)))
    assert merged_text(merged) == "2222"
    assert merged.pairs == {(2, 1): 4}


def test_nothing_to_merge():
    nowhere = empty(Grid((4, 1, 1), np.eye(4)), (0, 1, 2))
    merged = merge([], WORK, nowhere)
    assert (len(merged.work), merged.pairs, merged.cells) == (0, {}, ())
    merged = merge([source("....")], WORK, nowhere)
    assert (len(merged.work), merged.pairs, merged.cells) == (0, {}, ({},))
    merged = merge([source("9999")], WORK, nowhere)
    assert (len(merged.work), merged.pairs, merged.cells) == (0, {}, ({(9, 0): 4},))


@pytest.mark.parametrize("window_runs", [1, 7, 1 << 18])
@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("swept", [True, False])
def test_windows_and_ways_of_counting_agree(monkeypatch, window_runs, dense, swept):
    if not swept:
        monkeypatch.setattr(kernels, "compiled", None)
    rng = np.random.default_rng(5)
    volumes = [rng.choice([0, 1, 2, 3, 4, 9], size=(6, 5, 7)).astype(np.uint8) for _ in range(4)]
    cells = source(".").cells
    sources = [Claims(str(at), encode(v, np.eye(4)), cells) for at, v in enumerate(volumes)]
    like = empty(sources[0].runs.grid, sources[0].runs.axes)
    whole = setops.refine_windows
    monkeypatch.setattr(merge_module, "refine_windows", lambda maps: whole(maps, window_runs))
    if not dense:
        monkeypatch.setattr(merge_module, "_DENSE_PAIRS", 0)
        monkeypatch.setattr(merging, "_MOST_PAIRS", 0)
    merged = merge(sources, WORK, like)

    rank = {entry.label: entry.rank for entry in WORK}
    pairs, counts = Counter(), [Counter() for _ in volumes]
    work = decode(merged.work)
    for voxel in np.ndindex(work.shape):
        said = [int(volume[voxel]) for volume in volumes]
        claims = set(said) - {0, 9}
        winner = max(claims, key=rank.get, default=0)
        assert work[voxel] == winner
        pairs.update((winner, loser) for loser in claims - {winner})
        for count, integer in zip(counts, said, strict=True):
            if integer:
                count[integer, winner] += 1
    assert merged.pairs == pairs
    assert list(merged.cells) == counts
    assert list(merged.pairs) == sorted(merged.pairs)
    uncounted = merge_labels(sources, WORK, like)
    assert uncounted.same_as(merged.work)


@settings(deadline=None, max_examples=50)
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(1, 2**40))),
        max_size=4,
    ),
    dense=st.booleans(),
)
def test_pair_counts(batches, dense):
    wanted = Counter()
    counts = PairCounts(7, 5 if dense else 1 << 40)
    for batch in batches:
        for first, second, voxels in batch:
            wanted[first, second] += voxels
        columns = np.array(batch, dtype=np.int64).reshape(-1, 3).T
        counts.add(*columns)
    assert counts.totals() == wanted
    assert list(counts.totals()) == sorted(wanted)


def test_relabelled():
    labelmap = encode(line("112233.4"), np.eye(4))
    after = relabelled(labelmap, [7, 7, 0, 65535])
    assert decode(after).ravel().tolist() == [7, 7, 7, 7, 0, 0, 0, 65535]
    assert len(after) == 2
    with pytest.raises(ValueError, match=r"within 0\.\.65535"):
        relabelled(labelmap, [7, 7, 0, 65536])
