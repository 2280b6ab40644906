"""What a file is that is no NIfTI, by its first bytes or the ending of its name."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

_MARKS = {
    (0, b"NRRD"): "an NRRD file",
    (0, b"ObjectType"): "a MetaImage file",
    # The version of the format, then a length that is less than 2 ** 24.
    (0, b"\0\0\0\x01\0"): "an MGH or MGZ file of FreeSurfer",
    (0, b"\x89HDF"): "an HDF5 or MINC file",
    (0, b"CDF\x01"): "a MINC or NetCDF file",
    (0, b"CDF\x02"): "a MINC or NetCDF file",
    (0, b"\x9e\xa8b2frame"): "a Blosc2 file",
    (0, b"\x28\xb5\x2f\xfd"): "a file compressed with zstd",
    (0, b"\xfd7zXZ"): "a file compressed with xz",
    (0, b"BZh"): "a file compressed with bzip2",
    (0, b"II*\0"): "a TIFF picture",
    (0, b"MM\0*"): "a TIFF picture",
    (0, b"\x89PNG"): "a PNG picture",
    (0, b"\x93NUMPY"): "a NumPy array",
    (0, b"PK\x03\x04"): "a zip archive",
    (128, b"DICM"): "a DICOM file",
}
_PAIRS = (".hdr", ".img", ".img.gz")
_GZIP = b"\x1f\x8b"
_LENGTH = max(at + len(mark) for at, mark in _MARKS)


def name_format(start: bytes) -> str | None:
    """Say what a file is that begins so, with its article; None for what is not known."""
    for (at, mark), name in _MARKS.items():
        if start[at : at + len(mark)] == mark:
            return name
    return None


def is_foreign_volume(path: Path) -> bool:
    """Tell whether a file is an image or an archive in another format than one NIfTI file."""
    if not path.is_file():
        return False
    if path.name.endswith(_PAIRS):
        return True
    try:
        return name_format(_first_bytes(path)) is not None
    except (OSError, EOFError, zlib.error):
        return False


def _first_bytes(path: Path) -> bytes:
    """Read the beginning of a file, of what is in it where it is compressed with gzip."""
    with path.open("rb") as file:
        start = file.read(_LENGTH)
        if not start.startswith(_GZIP):
            return start
        file.seek(0)
        with gzip.GzipFile(fileobj=file) as content:
            return content.read(_LENGTH)
