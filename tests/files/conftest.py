"""Files made by nibabel (or by hand where nibabel would refuse), and a small scheme."""

from __future__ import annotations

import gzip
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.image_values import check_values, read_values
from vesalius.adapters.files.nifti_header import parse_header
from vesalius.adapters.files.opened import open_given
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import DiagnosticError


@dataclass(frozen=True)
class Entry:
    integer: int
    name: str


@dataclass(frozen=True)
class SmallScheme:
    name: str
    entries: tuple[Entry, ...]
    folder: str = "{name}.nii.gz"


@pytest.fixture(scope="session")
def scheme():
    """Classes with integers that leave gaps."""
    names = {1: "apple", 2: "pear", 5: "plum", 7: "quince"}
    return SmallScheme("fruit", tuple(Entry(i, name) for i, name in names.items()))


@pytest.fixture(scope="session")
def make_scheme():
    def make(names, folder="{name}.nii.gz"):
        return SmallScheme("fruit", tuple(Entry(i, name) for i, name in names.items()), folder)

    return make


@pytest.fixture(scope="session")
def affine():
    """An oblique left-handed affine with different spacings and an offset."""
    turn = np.array([[0.96, -0.28, 0.0], [0.28, 0.96, 0.0], [0.0, 0.0, 1.0]])
    full = np.eye(4)
    full[:3, :3] = turn @ np.diag([-0.75, 1.25, 2.5])
    full[:3, 3] = [12.5, -40.25, 100.0]
    return full


@pytest.fixture(scope="session")
def save(affine):
    """Write an array with nibabel; `byte_order` and `scale` are set by hand in its header."""

    def save(path, array, where=None, *, byte_order="<", scale=None, image=nib.Nifti1Image):
        path = Path(path)
        header = image.header_class(endianness=byte_order)
        header.set_data_dtype(array.dtype)
        if scale:
            header.set_slope_inter(*scale)
        picture = image(array, affine if where is None else where, header, dtype=array.dtype)
        if scale is None:
            nib.save(picture, path)
            return path
        # nibabel would divide by the scale; here the array is what is stored.
        picture.header.set_slope_inter(*scale)
        content = picture.header.copy()
        content["vox_offset"] = 352
        content["magic"] = b"n+1"
        data = content.binaryblock + b"\0" * 4 + array.tobytes(order="F")
        path.write_bytes(gzip.compress(data, 1) if path.name.endswith(".gz") else data)
        return path

    return save


@pytest.fixture(scope="session")
def patch():
    """Change bytes of the (compressed) content of a file."""

    def patch(path, offset, form, *values):
        path = Path(path)
        content = path.read_bytes()
        packed = path.name.endswith(".gz")
        data = bytearray(gzip.decompress(content) if packed else content)
        struct.pack_into(form, data, offset, *values)
        path.write_bytes(gzip.compress(bytes(data), 1) if packed else bytes(data))
        return path

    return patch


@pytest.fixture(scope="session")
def codes():
    """Run something that must fail and give the codes of its diagnostics."""

    def codes(call, *args, **keywords):
        with pytest.raises(DiagnosticError) as raised:
            call(*args, **keywords)
        return [d.code for d in raised.value.diagnostics]

    return codes


@pytest.fixture(scope="session")
def read_image():
    """Read an image as a case does: open, header, values."""

    def read_image(given):
        with open_given(given) as opened:
            return read_values(opened, parse_header(opened))

    return read_image


@pytest.fixture(scope="session")
def check_image():
    """Read an image to its end for its digest."""

    def check_image(given):
        with open_given(given) as opened:
            return check_values(opened, parse_header(opened))

    return check_image


@pytest.fixture(scope="session")
def labels():
    """A small label map without symmetry."""
    return np.random.default_rng(5).integers(0, 200, (5, 6, 7)).astype(np.uint8)


@pytest.fixture(scope="session")
def reorient():
    """Permute and flip the axes of an array and give the grid that keeps it in place."""

    def reorient(array, grid, axes, flips):
        turned = array.transpose(axes)
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1
        for new, old in enumerate(axes):
            size = array.shape[old]
            matrix[old, new] = -1 if flips[new] else 1
            matrix[old, 3] = size - 1 if flips[new] else 0
        turned = turned[tuple(slice(None, None, -1 if flip else 1) for flip in flips)]
        return turned, Grid(turned.shape, grid.affine @ matrix)

    return reorient


@pytest.fixture(scope="session")
def data_root():
    """The folder of real cases; tests that ask for it skip where it is absent."""
    root = Path(os.environ.get("VESALIUS_DATA", "../shared/data"))
    if not (root / "index.yaml").is_file():
        pytest.skip("no real cases (VESALIUS_DATA)")
    return root
