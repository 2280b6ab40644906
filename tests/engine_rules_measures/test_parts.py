"""Crops and projections against numpy."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from vesalius.engine.runs.crop import as_box, bounds, crop, grown, slabs, slices, uncrop
from vesalius.engine.runs.halfspace import evaluate
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.engine.runs.measure import measure
from vesalius.engine.runs.projection import along, means_mm, medians_mm, minima_mm, settled


@settings(max_examples=150)
@given(data=st.data())
def test_a_crop_is_a_box_of_the_array(cases, data):
    case = data.draw(cases())
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    work = encode(case.array, case.affine)
    ends = [sorted(rng.choice(n + 1, 2, replace=False)) for n in case.array.shape]
    box = as_box([low for low, _ in ends], [high for _, high in ends])
    near = crop(work, box)
    assert np.array_equal(decode(near), case.array[slices(box)])
    assert np.allclose(near.grid.to_mm((0, 0, 0)), work.grid.to_mm(box[0]))
    kept = np.zeros_like(case.array)
    kept[slices(box)] = case.array[slices(box)]
    back = uncrop(near, work, box)
    assert back.same_as(encode(kept, case.affine, axes=work.axes)) or not len(back)
    assert np.array_equal(decode(back), kept)


@settings(max_examples=80)
@given(data=st.data())
def test_bounds_are_the_smallest_box(cases, data):
    case = data.draw(cases())
    work = encode(case.array, case.affine)
    seen = np.argwhere(case.array)
    if not len(seen):
        assert bounds(work) is None
        return
    box = as_box(seen.min(axis=0), seen.max(axis=0) + 1)
    assert bounds(work) == box
    wide = grown(box, (1, 2, 0), case.array.shape)
    for axis, margin in enumerate((1, 2, 0)):
        assert wide[0][axis] == max(0, box[0][axis] - margin)
        assert wide[1][axis] == min(case.array.shape[axis], box[1][axis] + margin)


def test_slabs_part_a_box(monkeypatch):
    monkeypatch.setattr("vesalius.engine.runs.crop._SLAB", 12)
    work = encode(np.asfortranarray(np.ones((5, 4, 7), dtype=np.uint8)), np.eye(4))
    found = list(slabs(work, as_box((1, 0, 1), (4, 3, 6))))
    assert found == [as_box((1, 0, k), (4, 3, k + 1)) for k in range(1, 6)]


@settings(max_examples=120)
@given(data=st.data())
def test_projections_are_those_of_numpy(cases, directions, data):
    case = data.draw(cases())
    direction = data.draw(st.sampled_from(directions))
    work = encode(case.array, case.affine)
    present = work.labels().tolist()
    group = np.searchsorted(present, work.label).astype(np.int32)
    medians = medians_mm(work, group, len(present), direction)
    minima = minima_mm(work, group, len(present), direction)
    means = means_mm(measure(work), direction)
    unit = np.array(direction) / np.linalg.norm(direction)
    for row, label in enumerate(present):
        voxels = np.argwhere(case.array == label)
        heights = evaluate(along(work.grid, direction), *voxels.T)
        assert medians[row] == settled(np.median(heights))
        assert minima[row] == settled(heights.min())
        plain = (voxels @ case.affine[:3, :3].T + case.affine[:3, 3]) @ unit
        assert np.isclose(means[row], plain.mean(), atol=1e-5)
        assert np.isclose(medians[row], np.median(plain), atol=1e-5)
