"""Plain headers say what nibabel says of them, and no other header is taken for one."""

from __future__ import annotations

import itertools

import nibabel as nib
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vesalius.adapters.files.nifti_write import INTENT_LABEL, label_header
from vesalius.adapters.files.plain_header import (
    DTYPE,
    VOXEL_TYPES,
    PlainHeader,
    labels_block,
    plain_header,
)
from vesalius.engine.runs.grid import Grid


def turned(angles, spacing, mirrored):
    """Turn about each axis, one after the other, and mirror the last axis."""
    affine = np.eye(4)
    for axis, angle in enumerate(angles):
        turn = np.eye(4)
        first, second = (other for other in range(3) if other != axis)
        turn[[first, second], [first, second]] = np.cos(angle)
        turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
        affine = affine @ turn
    return affine @ np.diag([*spacing[:2], -spacing[2] if mirrored else spacing[2], 1.0])


def written(affine, shape=(4, 5, 6), kind="<i2", slope=(1.0, 0.0), codes=(1, 1)):
    header = nib.Nifti1Header(endianness="<")
    header.set_data_dtype(np.dtype(kind))
    header.set_data_shape(shape)
    header.set_qform(affine, code=codes[0])
    header.set_sform(affine, code=codes[1])
    header.set_xyzt_units("mm")
    header["scl_slope"], header["scl_inter"] = slope
    header["descrip"] = b"made by a scanner"
    header["vox_offset"] = 352
    return header


affines = st.builds(
    turned,
    st.tuples(*[st.floats(-3.2, 3.2)] * 3),
    st.tuples(*[st.floats(0.2, 9.0)] * 3),
    st.booleans(),
)
fields = st.fixed_dictionaries(
    {
        "shape": st.tuples(*[st.integers(1, 700)] * 3),
        "kind": st.sampled_from(sorted(VOXEL_TYPES.values())),
        "slope": st.sampled_from([(1.0, 0.0), (0.0, 0.0), (2.0, -1024.0), (0.5, 3.0)]),
        "codes": st.sampled_from([(0, 1), (1, 1), (2, 3), (4, 5), (5, 2)]),
    }
)


@settings(deadline=None, max_examples=150)
@given(affine=affines, given=fields)
def test_a_plain_header_says_what_nibabel_says(affine, given):
    header = written(affine, **given)
    plain = plain_header(header.binaryblock)
    assume(plain is not None)  # rounding of a quaternion near half a turn is left to nibabel
    assert plain.shape == header.get_data_shape()
    assert plain.dtype == header.get_data_dtype()
    assert np.array_equal(plain.affine, header.get_sform())
    slope, inter = header.get_slope_inter()
    assert plain.slope_inter == (1.0 if slope is None else slope, inter or 0.0)
    assert plain.full == header
    for name in header:
        assert np.array_equal(plain[name], header[name]), name


@settings(deadline=None, max_examples=150)
@given(affine=affines, given=fields, code=st.sampled_from([2, 512]))
def test_labels_have_the_header_that_nibabel_would_write(affine, given, code):
    header = written(affine, **given)
    header["intent_name"], header["aux_file"], header["cal_max"] = b"ct", b"file", 7
    header["intent_p1"], header["toffset"], header["glmax"] = 1, 2, 3
    plain = plain_header(header.binaryblock)
    assume(plain is not None)
    grid = Grid(plain.shape, plain.affine)
    block = labels_block(plain, grid.shape, grid.affine, code, INTENT_LABEL)
    careful = label_header(grid, np.dtype(VOXEL_TYPES[code]), header)
    assert block == careful.binaryblock


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("codes", [(0, 1), (1, 1)])
def test_what_scanners_write_is_plain(order, codes):
    for signs in itertools.product((1, -1), repeat=3):
        affine = np.eye(4)
        affine[:3, :3] = np.diag([0.7, 0.8, 1.5])[list(order)] * signs
        affine[:3, 3] = 250.3, -180.9, 1100.1
        # Of a tilted scan half a turn round, the quaternion is rounded too far.
        for angle in (0.0, 0.2) if codes == (0, 1) else (0.0,):
            tilted = turned((angle, 0.0, 0.0), (1.0, 1.0, 1.0), False) @ affine
            header = written(tilted, shape=(512, 512, 370), codes=codes)
            assert plain_header(header.binaryblock) is not None


def test_labels_that_lie_elsewhere_are_left_to_nibabel():
    plain = plain_header(written(np.eye(4)).binaryblock)
    assert labels_block(plain, (4, 5, 7), plain.affine, 2, INTENT_LABEL) is None
    moved = plain.affine.copy()
    moved[0, 3] += 1e-6
    assert labels_block(plain, (4, 5, 6), moved, 2, INTENT_LABEL) is None
    assert labels_block(plain, (4, 5, 6), plain.affine, 2, INTENT_LABEL) is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sizeof_hdr", 349),
        ("magic", b"ni1"),
        ("dim", [4, 4, 5, 6, 1, 1, 1, 1]),
        ("dim", [2, 4, 5, 1, 1, 1, 1, 1]),
        ("dim", [3, 4, 0, 6, 1, 1, 1, 1]),
        ("dim", [3, 4, -5, 6, 1, 1, 1, 1]),
        ("datatype", 32),
        ("datatype", 128),
        ("datatype", 0),
        ("bitpix", 8),
        ("pixdim", [1, 1, 0, 1, 1, 1, 1, 1]),
        ("pixdim", [1, 1, -1, 1, 1, 1, 1, 1]),
        ("pixdim", [1, 1, np.nan, 1, 1, 1, 1, 1]),
        ("pixdim", [0, 1, 1, 1, 1, 1, 1, 1]),
        ("vox_offset", 348),
        ("vox_offset", np.nan),
        ("scl_slope", np.nan),
        ("scl_inter", np.inf),
        ("xyzt_units", 1),
        ("xyzt_units", 3),
        ("sform_code", 0),
        ("sform_code", 6),
        ("sform_code", -1),
        ("qform_code", 9),
        ("descrip", b"orientation guessed"),
        ("dim", [3, 4, 5, 6, 2, 1, 1, 1]),
        ("pixdim", [1, 1, 1, 1.001, 1, 1, 1, 1]),
        ("srow_x", [np.nan, 0, 0, 0]),
        ("qoffset_x", 0.2),
        ("qoffset_x", np.nan),
        ("quatern_b", 0.1),
        ("quatern_c", 1.5),
    ],
)
def test_what_wants_care_is_not_plain(field, value):
    header = written(np.eye(4))
    assert plain_header(header.binaryblock) is not None
    header[field] = value
    assert plain_header(header.binaryblock) is None


def test_other_byte_orders_and_short_blocks_are_not_plain():
    header = written(np.eye(4))
    assert plain_header(header.as_byteswapped(">").binaryblock) is None
    assert plain_header(header.binaryblock[:347]) is None
    assert plain_header(nib.Nifti2Header().binaryblock) is None


def test_the_fields_are_those_of_nibabel():
    theirs = nib.nifti1.header_dtype.newbyteorder("<")
    assert DTYPE.itemsize == theirs.itemsize == 348
    named = {"quatern": "quatern_b", "qoffset": "qoffset_x", "srow": "srow_x"}
    for name, (kind, at, *_) in DTYPE.fields.items():
        assert at == theirs.fields[named.get(name, name)][1], name
        assert kind.base == theirs.fields[named.get(name, name)][0].base or kind.kind == "S"


def test_it_travels_as_bytes_and_has_all_that_nibabel_has():
    import pickle

    plain = plain_header(written(np.eye(4)).binaryblock)
    back = pickle.loads(pickle.dumps(plain))
    assert isinstance(back, PlainHeader)
    assert back.binaryblock == plain.binaryblock
    assert np.array_equal(back.get_best_affine(), np.eye(4))
    with pytest.raises(AttributeError):
        _ = back.no_such_thing
