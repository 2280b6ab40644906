"""Voxels in memory as the bytes that a file would hold after its header: front to back, once."""

from __future__ import annotations

import hashlib
import io
import sys
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.given import GivenImage, InMemory, Noun
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.memory_order import in_fortran_order
from vesalius.adapters.files.nifti_bytes import NiftiHeader

if TYPE_CHECKING:
    from nibabel.spatialimages import SpatialImage

_PLANES = 32
"""Planes that are brought into the order of a file at once: of an array in C order, each line of
the cache holds voxels of that many planes."""
_NO_PLACE = "voxels have no place in the patient"


class MemoryStream:
    """The content of an image or array, read as :class:`~.gzip_stream.ByteStream` reads a file.

    Parameters
    ----------
    name : str
        What messages call it.
    noun : str
        What it is: "image" or "array".
    stored : ndarray, shape (i, j, k, ...)
        Its voxels, which are not changed.
    affine : ndarray of float64, shape (4, 4), or None
        Voxel index to mm (RAS+); None where that is not known.
    nifti : Nifti1Header, Nifti2Header or None
        Its header, a copy without extensions; None where it has none.
    scaling : tuple of float, shape (2,)
        Slope and intercept: value = slope * stored + intercept.
    extensions : bytes
        The header's extensions as a file holds them.
    """

    def __init__(
        self,
        name: str,
        noun: Noun,
        stored: NDArray[Any],
        affine: NDArray[np.float64] | None,
        *,
        nifti: NiftiHeader | None = None,
        scaling: tuple[float, float] = (1.0, 0.0),
        extensions: bytes = b"",
    ) -> None:
        self.name = name
        self.noun: Noun = noun
        self.affine, self.nifti, self.scaling = affine, nifti, scaling
        self.shape, self.dtype = stored.shape, stored.dtype
        self.position = 0
        # One volume may have further axes of length 1; anything else the header's stage refuses.
        self._volume = stored.reshape(stored.shape[:3]) if set(stored.shape[3:]) == {1} else stored
        self._prefix = b"\1\0\0\0" + extensions if extensions else b""
        self._parts = self._content()
        self._rest = memoryview(b"")
        self._sha256 = hashlib.sha256(self._description())

    @property
    def data_offset(self) -> int:
        """Position in bytes of the first voxel."""
        return len(self._prefix)

    def fill(self, buffer: memoryview) -> int:
        """Read until the buffer (bytes, shape (n,)) is full or the content ends; count bytes."""
        done = 0
        while done < len(buffer):
            if not self._rest:
                self._rest = next(self._parts, memoryview(b""))
                if not self._rest:
                    break
            count = min(len(buffer) - done, len(self._rest))
            buffer[done : done + count] = self._rest[:count]
            self._rest = self._rest[count:]
            done += count
        self.position += done
        return done

    def lend(self, buffer: memoryview) -> memoryview:
        """Give the next bytes, as many as the buffer has or all that are left."""
        return buffer[: self.fill(buffer)]

    def drain(self) -> int:
        """Read to the end; count the bytes."""
        total = len(self._rest) + sum(len(part) for part in self._parts)
        self._rest = memoryview(b"")
        self.position += total
        return total

    def digest(self) -> str:
        """Give the sha256 of shape, type, scaling, affine and voxels; call it after `drain`."""
        return self._sha256.hexdigest()

    def most_bytes(self) -> int:
        """Give the content's size."""
        return len(self._prefix) + self._volume.nbytes

    def _description(self) -> bytes:
        affine = "none" if self.affine is None else self.affine.tolist()
        return f"{self.shape} {self.dtype.newbyteorder('<').str} {self.scaling} {affine}\n".encode()

    def _content(self) -> Iterator[memoryview]:
        if self._prefix:
            yield memoryview(self._prefix)
        for k in range(0, self._volume.shape[2], _PLANES):
            # A copy where the order of axes differs; the array itself is only looked at.
            slab = in_fortran_order(self._volume[:, :, k : k + _PLANES]).reshape(-1, order="F")
            slab = np.ascontiguousarray(slab)
            little = slab.astype(slab.dtype.newbyteorder("<"), copy=False)
            self._sha256.update(little.view(np.uint8).data)
            yield slab.view(np.uint8).data


def memory_stream(given: InMemory) -> MemoryStream:
    """Look at an image or array as a stream.

    Raises
    ------
    DiagnosticError
        IO002 the image's own file cannot be read any more; IO010 no array of numbers; IO012 the
        affine is no matrix.
    """
    if isinstance(given, GivenImage):
        return _image_stream(given.image, given.name)
    try:
        array = np.asarray(given.array)
    except (TypeError, ValueError) as error:
        text = f"this cannot be read as an array of numbers: {error}"
        raise failure("IO010", given.name, text) from None
    array = _numbers(array, given.name)
    try:
        affine = np.array(given.affine, dtype=np.float64)
    except (TypeError, ValueError):
        affine = np.empty(0)
    if affine.shape != (4, 4):
        text = f"the affine given is not 4 x 4 numbers: {_NO_PLACE}"
        raise failure("IO012", given.name, text, "give the affine of the image it belongs to")
    return MemoryStream(given.name, "array", array, affine)


def _image_stream(image: SpatialImage, name: str) -> MemoryStream:
    from nibabel.arrayproxy import ArrayProxy  # noqa: PLC0415
    from nibabel.nifti1 import Nifti1Header  # noqa: PLC0415 - who gives an image has it already

    scaling = (1.0, 0.0)
    voxels: Any = image.dataobj
    try:
        if isinstance(voxels, ArrayProxy):
            # As stored: scaled labels are told from fractions by what the file says.
            stored = np.asanyarray(voxels.get_unscaled())  # type: ignore[no-untyped-call]
            scaling = (float(voxels.slope), float(voxels.inter))
        else:
            stored = np.asarray(voxels)
    except (OSError, EOFError, zlib.error) as error:
        text = f"the voxels of this image cannot be read: {error}"
        raise failure("IO002", name, text, "is its file still there, and sound?") from None
    except MemoryError:
        text = "this machine does not give the memory for the voxels of this image"
        raise failure("IO018", name, text) from None
    affine = None if image.affine is None else np.array(image.affine, dtype=np.float64)
    header: NiftiHeader = image.header
    if not isinstance(header, Nifti1Header):
        return MemoryStream(name, "image", _numbers(stored, name), affine, scaling=scaling)
    extensions = io.BytesIO()
    native = "<" if sys.byteorder == "little" else ">"
    header.extensions.write_to(extensions, header.endianness != native)  # type: ignore[no-untyped-call]
    return MemoryStream(
        name,
        "image",
        _numbers(stored, name),
        affine,
        nifti=_own_header(header, affine),
        scaling=scaling,
        extensions=extensions.getvalue(),
    )


def _numbers(stored: NDArray[Any], name: str) -> NDArray[Any]:
    if stored.dtype == np.bool_:
        return stored.view(np.uint8)
    if stored.dtype.kind in "OSUVMm" and not stored.dtype.names:
        text = f"voxels of type `{stored.dtype}` cannot be read"
        raise failure("IO010", name, text, "give whole numbers: uint8 or int16")
    return stored


def _own_header(header: NiftiHeader, affine: NDArray[np.float64] | None) -> NiftiHeader:
    """Copy a header as nibabel would write it: its affine is the image's."""
    from nibabel.nifti1 import Nifti1Header  # noqa: PLC0415
    from nibabel.nifti2 import Nifti2Header  # noqa: PLC0415

    kind: NiftiHeader = Nifti2Header if isinstance(header, Nifti2Header) else Nifti1Header
    own = kind(header.binaryblock, endianness=header.endianness, check=False)
    own["magic"] = kind.single_magic
    if affine is not None and not np.allclose(affine, own.get_best_affine()):
        own.set_sform(affine, code="aligned")
        if np.all(np.isfinite(affine)):
            own.set_qform(affine, code="unknown")  # sets the spacing too
    return own
