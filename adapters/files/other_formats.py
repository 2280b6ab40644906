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
    (0, b"7z\xbc\xaf\x27\x1c"): "a 7-Zip archive",
    (0, b"Rar!\x1a\x07"): "a RAR archive",
    (257, b"ustar"): "a tar archive",
    (0, b"MATLAB 5.0"): "a MATLAB file",
    (0, b"\x80\x02"): "a pickle of Python",
    (0, b"\x80\x03"): "a pickle of Python",
    (0, b"\x80\x04"): "a pickle of Python",
    (0, b"\x80\x05"): "a pickle of Python",
    (0, b"\xff\xd8\xff"): "a JPEG picture",
    (0, b"# vtk DataFile"): "a VTK file",
    (0, b"solid "): "a surface in STL",
    (0, b"%PDF"): "a PDF document",
    (128, b"DICM"): "a DICOM file",
}
_DICOM_KINDS = {
    b"1.2.840.10008.5.1.4.1.1.66.4": "a segmentation in DICOM (SEG)",
    b"1.2.840.10008.5.1.4.1.1.66.7": "a label map in DICOM (SEG)",
    b"1.2.840.10008.5.1.4.1.1.481.3": "a structure set in DICOM (RTSTRUCT)",
}
_DICOM_NAMES = 512
"""Bytes within which a DICOM file says what it holds."""
_PACKED = ("archive", "compressed")
_CONVERT = "vesalius reads NIfTI (.nii, .nii.gz); convert it first, for example in 3D Slicer"
_UNPACK = "unpack it first, and give the .nii or .nii.gz file in it"
_DICOM = "convert the series to one NIfTI file first, for example with `dcm2niix -z y`"
_DICOM_LABELS = (
    "write its classes as NIfTI first: in 3D Slicer, with dcmqi's `segimage2itkimage` (SEG) or "
    "`dcmrtstruct2nii` (RTSTRUCT)"
)
_NUMPY = (
    "write it as NIfTI with the affine of its image: "
    "`nibabel.save(nibabel.Nifti1Image(array, affine), 'labels.nii.gz')`"
)
_PAIR = "write both as one .nii.gz file, for example in 3D Slicer"
_MOST_FILES = 20
_PAIRS = (".hdr", ".img", ".img.gz")
_GZIP = b"\x1f\x8b"
_NPZ = "a NumPy archive"
HEAD_BYTES = max(_DICOM_NAMES, *(at + len(mark) for at, mark in _MARKS))


def name_format(start: bytes) -> str | None:
    """Say what a file is that begins so, with its article; None for what is not known."""
    for (at, mark), name in _MARKS.items():
        if start[at : at + len(mark)] == mark:
            if "DICOM" in name:
                return next((kind for uid, kind in _DICOM_KINDS.items() if _ends(uid, start)), name)
            return _NPZ if "zip" in name and b".npy" in start else name
    return None


def _ends(uid: bytes, start: bytes) -> bool:
    """Tell whether a name of DICOM is there, and not as the beginning of a longer one."""
    _, found, rest = start[:_DICOM_NAMES].partition(uid)
    return bool(found) and rest[:1] not in b".0123456789"


def what_to_do(name: str) -> str:
    """Say how to come from a file of this format to one that is read."""
    if "in DICOM" in name:
        return _DICOM_LABELS
    if "NumPy" in name:
        return _NUMPY
    if name != _NPZ and any(word in name for word in _PACKED):
        return _UNPACK
    return _DICOM if "DICOM" in name else _CONVERT


def hint_for_folder(folder: Path) -> str | None:
    """Say what the files of a folder are that has no NIfTI file; None where nothing is known."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())[:_MOST_FILES]
    except OSError:
        return None
    for file in files:
        try:
            name = name_format(_first_bytes(file))
        except (OSError, EOFError, zlib.error):
            continue
        if name is not None:
            return f"`{file.name}` in it is {name}: {what_to_do(name)}"
    pair = next((file for file in files if file.name.lower().endswith(_PAIRS)), None)
    if pair is None:
        return None
    return f"`{pair.name}` in it is one half of a pair (.hdr and .img): {_PAIR}"


def is_foreign_volume(path: Path) -> bool:
    """Tell whether a file is an image or an archive in another format than one NIfTI file."""
    if not path.is_file():
        return False
    if path.name.lower().endswith(_PAIRS):
        return True
    try:
        return name_format(_first_bytes(path)) is not None
    except (OSError, EOFError, zlib.error):
        return False


def _first_bytes(path: Path) -> bytes:
    """Read the beginning of a file, of what is in it where it is compressed with gzip."""
    with path.open("rb") as file:
        start = file.read(HEAD_BYTES)
        if not start.startswith(_GZIP):
            return start
        file.seek(0)
        with gzip.GzipFile(fileobj=file) as content:
            return content.read(HEAD_BYTES)
