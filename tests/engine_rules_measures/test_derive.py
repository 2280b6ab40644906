"""Structures made from an image, drawn by hand."""

import numpy as np
import pytest

from vesalius.engine.judging.context import ArrayImage
from vesalius.engine.judging.verdict import Missing
from vesalius.engine.kinds import FromHu, RestOfBody, make
from vesalius.engine.kinds.rest_of_body import plane_axis
from vesalius.engine.plan.plan import LevelAnchor
from vesalius.engine.plan.step import Step
from vesalius.engine.plan.where import Condition
from vesalius.engine.run_steps import run_steps
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import decode
from vesalius.engine.runs.opening import opened

UP = (0.0, 0.0, 1.0)


def scene():
    """A bright bar through a column, its upper half above label 1, one voxel crossing label 2."""
    labels = np.zeros((5, 5, 10), dtype=int)
    labels[0, 0, 4:7] = 1
    labels[2, 2, 8] = 2
    labels[2, 2, 9] = 3
    image = np.full(labels.shape, -100, dtype=np.int16)
    image[2, 2, :] = 700
    image[4, 4, 9] = 350
    image[4, 4, 8] = 349
    image[4, 4, 7] = 3001
    return labels, image


def test_a_window_in_a_region_over_some_labels(make_case):
    labels, image = scene()
    level = LevelAnchor("level", (1,), 1, UP)
    context = make_case(labels, image=image, anchors=[level]).context()
    operation = FromHu(7, 350, 3000, (Condition(0, True),), (0, 2))
    wanted = labels.copy()
    wanted[2, 2, 5:9] = 7
    wanted[4, 4, 9] = 7
    assert np.array_equal(decode(make(operation, context)), wanted)
    wanted[4, 4, 9] = 0
    largest = FromHu(7, 350, 3000, (Condition(0, True),), (0, 2), keep_largest=1)
    assert np.array_equal(decode(make(largest, context)), wanted)
    nowhere = FromHu(7, 5000, 6000, (), (0, 2))
    assert make(nowhere, context) is context.work


def test_what_is_missing_is_said(make_case):
    labels, image = scene()
    with pytest.raises(Missing, match="the case has no image in HU"):
        make(FromHu(7, 350, 3000, (), (0,)), make_case(labels).context())
    lost = LevelAnchor("lost", (9,), 1, UP)
    context = make_case(labels, image=image, anchors=[lost]).context()
    with pytest.raises(Missing, match="the anchor lost is missing"):
        make(FromHu(7, 350, 3000, (Condition(0, True),), (0,)), context)
    with pytest.raises(Missing, match="the case has no image in HU"):
        make(RestOfBody(7, -300, 2, UP), make_case(labels).context())


class Counting(ArrayImage):
    """An image that notes what is read of it."""

    def values(self, slab):
        READ.append(tuple((s.start, s.stop) for s in slab))
        return super().values(slab)


READ = []


def test_only_the_box_of_the_region_is_read(make_case):
    labels, image = scene()
    case = make_case(labels)
    READ.clear()
    step = Step("r", derive=FromHu(7, 350, 3000, (), (2, 3)), reads=(2, 3), writes=(2, 3, 7))
    ruled = run_steps([step], (), case.context().work, image=Counting(image))
    assert ruled.outcomes[0].status == "changed"
    assert READ == [((2, 3), (2, 3), (8, 10))]


def body():
    """A body with a hollow, an arm of two voxels, and a table of one voxel below it."""
    image = np.full((14, 14, 3), -1000, dtype=np.int16)
    image[3:11, 4:12, :] = 40
    image[6:9, 7:9, :] = -1000
    image[11:13, 6, :] = 40
    image[1:13, 3, :] = 200
    return image


def test_the_rest_of_the_body_is_without_the_table(make_case):
    image = body()
    labels = np.zeros(image.shape, dtype=int)
    labels[4, 5, 1] = 3
    context = make_case(labels, image=image).context()
    after = decode(make(RestOfBody(9, -300, 2.0, UP), context))
    wanted = np.zeros(image.shape, dtype=int)
    # The table touches the body, so the body is thick enough to keep it where they touch.
    wanted[3:11, 3:12, :] = 9
    wanted[4, 5, 1] = 3
    assert np.array_equal(after, wanted)


def test_labels_belong_to_the_body_and_close_hollows(make_case):
    image = np.full((9, 9, 2), -1000, dtype=np.int16)
    labels = np.zeros(image.shape, dtype=int)
    labels[2:7, 2:7, :] = 1
    labels[3:6, 3:6, :] = 0
    after = decode(make(RestOfBody(9, -300, 2.0, UP), make_case(labels, image=image).context()))
    assert np.all(after[3:6, 3:6, :] == 9)
    assert (after == 9).sum() == 18
    # In the other planes it is a tunnel that is open at both ends.
    across = make(
        RestOfBody(9, -300, 2.0, (1.0, 0.0, 0.0)), make_case(labels, image=image).context()
    )
    assert np.array_equal(decode(across), labels)
    # So it is where a cavity has to be closed on all sides.
    closed = make(RestOfBody(9, -300, 2.0), make_case(labels, image=image).context())
    assert np.array_equal(decode(closed), labels)


def test_labels_that_count_as_nameless_close_hollows_and_go(make_case):
    image = np.full((9, 9, 3), -1000, dtype=np.int16)
    labels = np.zeros(image.shape, dtype=int)
    labels[2:7, 2:7, :] = 1
    labels[4, 4, 1] = 0
    labels[3, 3:5, :] = 2
    wanted = labels.copy()
    wanted[4, 4, 1] = 9
    wanted[labels == 2] = 9
    after = make(RestOfBody(9, -300, 2.0, over=(2,)), make_case(labels, image=image).context())
    assert np.array_equal(decode(after), wanted)


def test_without_a_body_nothing_is_made(make_case):
    image = np.full((5, 5, 5), -1000, dtype=np.int16)
    context = make_case(np.zeros((5, 5, 5)), image=image).context()
    assert len(make(RestOfBody(9, -300, 2.0, UP), context)) == 0


@pytest.mark.parametrize(("degrees", "axis"), [(0, 2), (29, 2), (31, None), (59, None), (61, 1)])
def test_planes_of_an_oblique_grid(degrees, axis):
    angle = np.radians(degrees)
    matrix = np.eye(4)
    matrix[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    assert plane_axis(Grid((3, 3, 3), matrix * [2, 1, 3, 1]), UP) == axis


@pytest.mark.parametrize("windows", [[1, 1, 1], [2, 1, 3], [3, 3, 3], [4, 2, 2]])
def test_opening_is_that_of_scipy(windows):
    from scipy import ndimage

    rng = np.random.default_rng(3)
    for _ in range(30):
        mask = ndimage.binary_dilation(rng.random((9, 8, 7)) < 0.1, iterations=1)
        # With room around it, for scipy takes the outside to be empty as well.
        wide = ndimage.binary_opening(np.pad(mask, 8), np.ones(windows, dtype=bool))
        found = opened(mask, windows, [(False, False)] * 3)
        assert np.array_equal(found, wide[8:-8, 8:-8, 8:-8])


def test_what_the_border_cuts_is_not_thin():
    mask = np.zeros((6, 3, 3), dtype=bool)
    mask[0] = mask[3] = True
    found = opened(mask, [2, 1, 1], [(True, False), (False, False), (False, False)])
    assert found[0].all()
    assert not found[1:].any()


@pytest.mark.parametrize("first", [(False, False), (True, False), (True, True)])
def test_wider_than_the_mask_is_as_one_voxel_wider(first):
    rng = np.random.default_rng(4)
    ends = [first, (False, True), (True, True)]
    for _ in range(20):
        mask = rng.random((4, 3, 5)) < 0.9
        assert np.array_equal(opened(mask, [23, 17, 31], ends), opened(mask, [5, 4, 6], ends))


def test_an_opening_of_any_width_takes_no_more_room_than_the_body(make_case):
    image = np.full((6, 5, 4), -1000, dtype=np.int16)
    image[1:5] = 40
    labels = np.zeros(image.shape, dtype=int)
    labels[2, 2, 2] = 1
    # The scan ends at the body on four sides; on the other two nothing is so wide.
    made = decode(make(RestOfBody(9, -300, 1e9), make_case(labels, image=image).context()))
    assert np.array_equal(made, labels)
    image[:] = 40
    made = decode(make(RestOfBody(9, -300, 1e9), make_case(labels, image=image).context()))
    assert np.array_equal(made, np.where(labels == 1, 1, 9))
