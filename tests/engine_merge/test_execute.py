"""Whole runs with hand-drawn truth, refusals, and the mirror property."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vesalius.engine.execute import Case, GridMismatch, UnknownSource, execute
from vesalius.engine.merge.anchors import AnchorFit
from vesalius.engine.merge.claims import ChoiceTally, UnlistedIntegers, unlisted_integers
from vesalius.engine.merge.tally import (
    ConflictTally,
    IntegerTally,
    LostTally,
    SourceTally,
    StructureTally,
)
from vesalius.engine.plan.plan import (
    Choose,
    Divide,
    Ignore,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode, encode

IDENTITY = np.eye(4)
WORK = (
    WorkLabel(1, "outer", 10, 0, (), 5),
    WorkLabel(2, "inner", 20, 0, (1,), 300),
    WorkLabel(3, "other", 15, 0, (), 7),
    WorkLabel(4, "fine", 30, 1, (), 0),
)


def line(text):
    digits = [0 if letter == "." else int(letter) for letter in text]
    array = np.array(digits, dtype=np.uint8).reshape(-1, 1, 1)
    array.setflags(write=False)
    return array


def case(metadata=None, affine=IDENTITY, **sources):
    arrays = {name: line(s) if isinstance(s, str) else s for name, s in sources.items()}
    shape = next(iter(arrays.values())).shape
    labelmaps = {name: encode(array, affine) for name, array in arrays.items()}
    return Case(Grid(shape, affine), (0, 1, 2), labelmaps, metadata or {})


def table(token, *actions, open=False):
    return SourceTable(token, tuple(enumerate(actions, start=1)), open)


def plan(*tables, work=WORK, anchors=(), **settings):
    return Plan("t", work, tables, anchors, **settings)


def values(labelmap):
    return decode(labelmap).ravel().tolist()


def integer_tally(integer, voxels, **given):
    empty = {"painted": (), "won": 0, "lost_to": (), "dropped": 0, "ignored": 0}
    return IntegerTally(integer, voxels, **(empty | {"lost": (), "unlisted": 0} | given))


def test_everything_that_is_counted():
    first = table("a", Paint(1), Paint(2), Paint(3), Ignore(), Paint(0))
    second = table("b", Paint(1), Paint(3), Paint(4), open=True)
    third = table("c", Paint(1))
    result = execute(plan(first, second, third), case(a="1122334455..", b="3.1222....9."))
    assert values(result.work) == [4, 1, 2, 2, 3, 3, 0, 0, 0, 0, 0, 0]
    assert values(result.labels) == [0, 5, 300, 300, 7, 7, 0, 0, 0, 0, 0, 0]
    assert decode(result.labels).dtype == np.uint16
    tally = result.tally
    assert tally.sources == (
        SourceTally(
            "a",
            True,
            (
                integer_tally(1, 2, painted=((1, 2),), won=1, lost_to=((4, 1),)),
                integer_tally(2, 2, painted=((2, 2),), won=2),
                integer_tally(3, 2, painted=((3, 2),), won=2),
                integer_tally(4, 2, ignored=2),
                integer_tally(5, 2, dropped=2),
            ),
        ),
        SourceTally(
            "b",
            True,
            (
                integer_tally(1, 1, painted=((1, 1),), lost_to=((2, 1),)),
                integer_tally(2, 3, painted=((3, 3),), won=2, lost_to=((2, 1),)),
                integer_tally(3, 1, painted=((4, 1),), won=1, lost=(("fine", 1),)),
                integer_tally(9, 1, unlisted=1),
            ),
        ),
        SourceTally("c", False, ()),
    )
    # Label 1 contains label 2: no conflict there.
    assert tally.conflicts == (
        ConflictTally(2, 3, "rank", 1),
        ConflictTally(4, 1, "tier", 1),
    )
    assert tally.structures == (
        StructureTally(1, "outer", 5, 1, 0.001),
        StructureTally(2, "inner", 300, 2, 0.002),
        StructureTally(3, "other", 7, 2, 0.002),
        StructureTally(4, "fine", 0, 1, 0.001),
    )
    assert tally.lost == (LostTally("fine", 1),)
    assert tally.anchors == tally.choices == tally.divisions == ()


@pytest.mark.parametrize(
    ("metadata", "painted", "choices"),
    [
        ({"k": "x"}, 1, [("k", "x", True)]),
        ({"k": "y", "m": "z"}, 2, [("k", "y", True), ("m", "z", True)]),
        ({"k": "y"}, 0, [("k", "y", True), ("m", None, False)]),
        ({"k": "w", "m": "z"}, 3, [("k", "w", False)]),
        ({}, 3, [("k", None, False)]),
    ],
)
def test_metadata_chooses(metadata, painted, choices):
    inner = Choose("m", (("z", Paint(2)),), Paint(0))
    action = Choose("k", (("x", Paint(1)), ("y", inner)), Paint(3))
    result = execute(plan(table("a", action, action)), case(metadata, a="..1"))
    assert values(result.work) == [0, 0, painted]
    assert result.tally.choices == tuple(
        ChoiceTally("a", 1, key, value, listed) for key, value, listed in choices
    )


def test_metadata_chooses_inside_a_division():
    other = PlaneAnchor("p", (1,), 3, (1.0, 0.0, 0.0), 20.0, 5.0)
    action = Divide(0, Paint(1), Paint(2), Choose("k", (("x", Paint(3)),), Ignore()))
    made = execute(plan(table("a", action), anchors=(other,)), case({"k": "x"}, a=".11"))
    assert values(made.work) == [0, 3, 3]
    assert made.tally.choices == (ChoiceTally("a", 1, "k", "x", True),)
    assert made.tally.divisions[0].note == "missing: 0 of 1 points present, 3 needed"


def column_case(gap=0):
    """A slab of 12 x 6 x 8 voxels: three points of a column, one in front, and two blobs.

    The plane lies at x = 5.5, between the voxels 5 and 6.
    """
    volume = np.zeros((12, 6, 8), dtype=np.uint8)
    for label, k in ((1, 0), (2, 3), (3, 6)):
        volume[5:7, 0, k] = label
    volume[5:7, 5, 3] = 4
    blobs = np.zeros_like(volume)
    blobs[1:4, 2, 1:3] = 1
    blobs[5:11, 3, 5] = 1
    return volume, blobs


FITTED = PlaneAnchor("mid", (1, 2, 3, 4), 3, (1.0, 0.0, 0.0), 20.0, 5.0)
PLAIN = tuple(WorkLabel(at, f"w{at}", at, 0, (), at) for at in range(1, 8))
SPLIT = plan(
    table("blobs", Divide(0, Paint(5), Paint(6), Paint(7))),
    table("column", Paint(1), Paint(2), Paint(3), Paint(4)),
    work=PLAIN,
    anchors=(FITTED,),
    whole_share=0.8,
)


def test_an_anchor_divides():
    column, blobs = column_case()
    result = execute(SPLIT, case(column=column, blobs=blobs))
    wanted = column.copy()
    wanted[1:4, 2, 1:3] = 6
    wanted[5:11, 3, 5] = 5
    assert np.array_equal(decode(result.labels), wanted)
    (fit,) = result.tally.anchors
    assert fit.status == "fitted"
    assert np.allclose(fit.normal, (1, 0, 0), atol=1e-12)
    assert fit.offset_mm == pytest.approx(5.5)
    (division,) = result.tally.divisions
    assert (division.positive_components, division.negative_components) == (1, 1)
    assert (division.positive_voxels, division.negative_voxels) == (6, 6)
    # At a higher share the blob that straddles the plane is cut.
    result = execute(replace(SPLIT, whole_share=0.9), case(column=column, blobs=blobs))
    wanted[5, 3, 5] = 6
    assert np.array_equal(decode(result.labels), wanted)


def test_an_anchor_is_fitted_to_what_wins():
    # Another source paints over one point of the column, so two points of four remain.
    column, blobs = column_case()
    over = np.where((column == 2) | (column == 3), 1, 0).astype(np.uint8)
    blocked = replace(
        SPLIT,
        sources=(*SPLIT.sources, table("over", Paint(7))),
        work=PLAIN,
    )
    result = execute(blocked, case(column=column, blobs=blobs, over=over))
    assert result.tally.anchors == (
        AnchorFit("mid", "missing", "2 of 4 points present, 3 needed", 2),
    )
    assert np.count_nonzero(decode(result.work)[blobs == 1] == 7) == 12


def test_what_a_division_paints_is_no_anchor():
    # The blobs may become label 4, but only after the anchors are fitted.
    column, blobs = column_case()
    column[column == 4] = 0
    action = Divide(0, Paint(4), Paint(4), Paint(4))
    changed = replace(
        SPLIT,
        sources=(SourceTable("blobs", ((1, action),)), SPLIT.sources[1]),
        anchors=(replace(FITTED, min_points=4),),
    )
    result = execute(changed, case(column=column, blobs=blobs))
    assert result.tally.anchors[0].n_points == 3
    assert result.tally.divisions[0].otherwise_voxels == 12


def test_inputs_are_not_changed():
    column, blobs = column_case()
    before = case(column=column, blobs=blobs)
    copies = {
        name: (source.start.copy(), source.stop.copy(), source.label.copy())
        for name, source in before.sources.items()
    }
    kept = column.copy(), blobs.copy()
    execute(SPLIT, before)
    for name, source in before.sources.items():
        for array, copy in zip(
            (source.start, source.stop, source.label), copies[name], strict=True
        ):
            assert np.array_equal(array, copy)
            assert not array.flags.writeable
    assert np.array_equal(column, kept[0])
    assert np.array_equal(blobs, kept[1])


@pytest.mark.parametrize("text", ["....", "1.1."])
def test_empty_volumes(text):
    result = execute(plan(table("a", Ignore()), table("b", Paint(1))), case(a=text, b="...."))
    assert len(result.labels) == len(result.work) == 0
    assert values(result.labels) == [0, 0, 0, 0]
    assert decode(result.labels).dtype == np.uint8
    assert result.tally.structures == result.tally.conflicts == result.tally.lost == ()


def test_no_sources_at_all():
    grid = Grid((2, 3, 4), IDENTITY)
    result = execute(plan(table("a", Paint(1))), Case(grid, (2, 0, 1), {}, {}))
    assert result.labels.axes == (2, 0, 1)
    assert len(result.labels) == 0
    assert result.tally.sources == (SourceTally("a", False, ()),)


def test_unlisted_integers():
    closed = table("a", Paint(1), Paint(2))
    labelmap = encode(line("1299.77.7"), IDENTITY)
    assert unlisted_integers(closed, labelmap) == {7: 3, 9: 2}
    assert unlisted_integers(replace(closed, open=True), labelmap) == {7: 3, 9: 2}
    with pytest.raises(UnlistedIntegers) as refusal:
        execute(plan(closed), case(a="1299.77.7"))
    assert refusal.value.source == "a"
    assert refusal.value.integers == {7: 3, 9: 2}
    assert str(refusal.value) == (
        "source 'a' has integers that its table does not list: 7 (3 voxels), 9 (2 voxels)"
    )
    assert isinstance(refusal.value, ValueError)
    result = execute(plan(replace(closed, open=True)), case(a="1299.77.7"))
    assert values(result.work) == [1, 2, 0, 0, 0, 0, 0, 0, 0]


def test_a_source_off_the_grid():
    tables = plan(table("a", Paint(1)))
    there = case(a="11..")
    moved = np.eye(4)
    moved[0, 3] = 0.25
    with pytest.raises(GridMismatch) as refusal:
        execute(tables, replace(there, grid=Grid((4, 1, 1), moved)))
    assert str(refusal.value) == "source 'a' lies 0.25 mm off the grid of the case"
    with pytest.raises(GridMismatch) as refusal:
        execute(tables, replace(there, grid=Grid((5, 1, 1), IDENTITY)))
    assert str(refusal.value) == "source 'a' has another shape than the case"
    moved[0, 3] = 1e-5
    result = execute(tables, replace(there, grid=Grid((4, 1, 1), moved)))
    assert np.array_equal(result.labels.grid.affine, moved)


def test_an_unknown_source():
    with pytest.raises(UnknownSource, match="the plan has no source 'z', only: a, b") as refusal:
        execute(plan(table("a"), table("b")), case(z="1"))
    assert refusal.value.source == "z"


def test_an_invalid_plan():
    with pytest.raises(ValueError, match="there is no work label 5"):
        execute(plan(table("a", Paint(5))), case(a="1"))


SWAP = np.array([0, 1, 2, 3, 5, 4, 6], dtype=np.uint8)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    connectivity=st.sampled_from([6, 18, 26]),
    share=st.sampled_from([0.6, 0.9, 1.0]),
)
def test_mirrored_patients_have_mirrored_results(seed, connectivity, share):
    # Labels 4 and 5 are a pair, one on either side; 1, 2 and 3 lie on the plane between them.
    rng = np.random.default_rng(seed)
    centres, pair = (np.zeros((9, 6, 7), dtype=np.uint8) for _ in range(2))
    for label, (j, k) in {1: (0, 0), 2: (1, 3), 3: (5, 5)}.items():
        first = rng.integers(2, 5)
        centres[first : first + rng.integers(1, 4), j, k : k + 2] = label
    for _ in range(12):
        corner = rng.integers(0, (9, 6, 7))
        stop = corner + rng.integers(1, 5, 3)
        box = tuple(slice(a, b) for a, b in zip(corner, stop, strict=True))
        # 1 and 2: the pair by name; 3: the pair by the plane; 4: neither.
        pair[box] = rng.integers(0, 5)
    sided = plan(
        table("centres", Paint(1), Paint(2), Paint(3)),
        table("pair", Paint(4), Paint(5), Divide(0, Paint(4), Paint(5), Paint(6)), Paint(6)),
        work=PLAIN[:6],
        anchors=(PlaneAnchor("mid", (1, 2, 3), 3, (1.0, 0.0, 0.0), 70.0, 9.0),),
        connectivity=connectivity,
        whole_share=share,
    )
    affine = np.array([[1.25, 0.1, 0, -3], [0, 1.5, -0.2, 7], [0, 0, 2, 1], [0, 0, 0, 1]])
    straight = execute(sided, case(affine=affine, centres=centres, pair=pair))
    mirror = np.diag([-1.0, 1, 1, 1])
    swapped = np.array([0, 2, 1, 3, 4], dtype=np.uint8)[pair]
    mirrored = execute(sided, case(affine=mirror @ affine, centres=centres, pair=swapped))

    (fit,) = straight.tally.anchors
    (other,) = mirrored.tally.anchors
    assert fit.status == other.status
    if fit.fitted:
        assert np.allclose(fit.normal, np.multiply(other.normal, (1, -1, -1)), atol=1e-9)
        # A voxel on the plane counts as positive in both.
        ijk = np.indices(pair.shape).reshape(3, -1).T
        heights = Grid(pair.shape, affine).to_mm(ijk) @ fit.normal - fit.offset_mm
        assume(np.abs(heights).min() > 1e-4)
    assert np.array_equal(decode(mirrored.labels), SWAP[decode(straight.labels)])
    one, two = straight.tally.divisions, mirrored.tally.divisions
    for a, b in zip(one, two, strict=True):
        assert a.positive_voxels == b.negative_voxels
        assert a.positive_components == b.negative_components
        assert a.cut_components == b.cut_components
