"""Slices lie as radiologists see them, whatever the axes of the array are."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from vesalius.adapters.phantom.orientation import turn_from_code, turned, turned_grid
from vesalius.adapters.report.slices import PLANES, PatientView, paint, png_uri, thinned
from vesalius.engine.runs.grid import Grid

CODES = ["".join(code) for axes in permutations(("RL", "AP", "SI")) for code in product(*axes)]
SHAPE = (3, 4, 5)
AT = (0, 3, 4)
#: Seen at x = 0 (the patient's left), y = 3 (front), z = 4 (head); drawn by hand from the numbers
#: 100 x + 10 y + z. Right and front are on the left of the picture, head and front on its top.
DRAWN = {
    "coronal": [[234, 134, 34], [233, 133, 33], [232, 132, 32], [231, 131, 31], [230, 130, 30]],
    "sagittal": [[34, 24, 14, 4], [33, 23, 13, 3], [32, 22, 12, 2], [31, 21, 11, 1],
                 [30, 20, 10, 0]],
    "axial": [[234, 134, 34], [224, 124, 24], [214, 114, 14], [204, 104, 4]],
}  # fmt: skip
RINGED = {"coronal": (250 / 3, 10), "sagittal": (12.5, 10), "axial": (250 / 3, 12.5)}


@pytest.mark.parametrize("code", CODES)
def test_all_48_orientations_give_one_picture(code):
    x, y, z = np.indices(SHAPE)
    canonical = 100 * x + 10 * y + z
    turn = turn_from_code(code)
    array = turned(canonical, turn)
    grid = turned_grid(Grid(SHAPE, np.diag([1.0, 2, 3, 1])), turn)
    view = PatientView(grid)
    i, j, k = np.argwhere(array == 100 * AT[0] + 10 * AT[1] + AT[2])[0].tolist()
    for plane in PLANES:
        assert view.cut(array.__getitem__, plane, (i, j, k)).tolist() == DRAWN[plane]
        place = view.place(plane, (i, j, k))
        assert (place.left, place.top) == pytest.approx(RINGED[plane])
    assert [view.size_mm(plane) for plane in PLANES] == [(3, 15), (8, 15), (3, 8)]


def test_colours_and_marks_by_hand():
    labels = np.array([[0, 1, 1, 1]])
    colours = np.array([[0, 0, 0], [200, 100, 0]], np.uint8)
    assert paint(labels, colours, None).tolist() == [[[0, 0, 0], *[[200, 100, 0]] * 3]]
    hu = np.array([[-250, 100, 450, 2000]])
    # Gray 0, 127.5, 255, 255; four tenths of it show through a label.
    assert paint(labels, colours, hu).tolist() == [
        [[0, 0, 0], [171, 111, 51], [222, 162, 102], [222, 162, 102]]
    ]
    moved, filled = np.array([[0, 1, 0, 0]], bool), np.array([[0, 0, 1, 0]], bool)
    marked = paint(labels, colours, None, (moved, filled))
    # A label is pale here: a quarter; a filled voxel has three tenths of its mark.
    assert marked.tolist() == [[[0, 0, 0], [255, 0, 200], [35, 74, 76], [50, 25, 0]]]


def test_the_fullest_planes_of_a_mask():
    mask = np.zeros((4, 5, 6), bool)
    mask[1, 2, 3:5] = mask[3, 2, 4] = True
    view = PatientView(Grid(mask.shape, np.eye(4)))
    assert view.fullest(mask) == (1, 2, 4)
    assert view.fullest(np.zeros_like(mask)) == (2, 2, 3)


def test_a_large_picture_becomes_smaller():
    plane = np.arange(50 * 101).reshape(50, 101)
    assert thinned(plane, 50).tolist() == plane[::3, ::3].tolist()
    assert thinned(plane, 101).shape == plane.shape


def test_a_picture_stands_in_the_page_pixel_for_pixel():
    import base64
    from io import BytesIO

    from PIL import Image

    picture = np.random.default_rng(0).integers(0, 256, (17, 34, 3)).astype(np.uint8)
    uri = png_uri(picture)
    assert uri.startswith("data:image/png;base64,")
    image = Image.open(BytesIO(base64.b64decode(uri.partition(",")[2])))
    image.load()
    assert (image.size, image.mode) == ((34, 17), "RGB")
    assert (np.asarray(image) == picture).all()
