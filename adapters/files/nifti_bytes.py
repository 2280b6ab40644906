"""Finding the header of NIfTI in the first bytes of a file, and saying what else they are."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, TypeAlias

from vesalius.adapters.files.gzip_stream import ByteStream
from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.files.other_formats import name_format, what_to_do
from vesalius.adapters.files.plain_header import HEADER_BYTES, plain_header
from vesalius.adapters.files.pointers import text_in_place, unknown_content

NiftiHeader: TypeAlias = Any
"""Nifti1Header or Nifti2Header, or a plain header; nibabel's methods carry no types."""

_HEADER_BYTES = (348, 540)
_MAGIC_AT = {348: 344, 540: 4}


def read_nifti_bytes(stream: ByteStream) -> NiftiHeader:
    """Read the header that a file begins with, as it is: nothing in it is checked or mended.

    Raises
    ------
    DiagnosticError
        IO003, IO009 no header of a NIfTI file; IO004 its name says otherwise; and what reading
        finds.
    """
    block = _read(stream, min(_HEADER_BYTES))
    size, order = _size_and_order(stream, block)
    if size > len(block):
        block += _read(stream, size - len(block))
    if size > len(block):
        text = "the file ends within its header"
        raise failure("IO003", stream.path, text, "get the file again")
    plain = plain_header(block) if size == HEADER_BYTES else None
    return plain or _careful(block, order)


def _careful(block: bytes, order: str) -> NiftiHeader:
    from nibabel.nifti1 import Nifti1Header  # noqa: PLC0415 - a plain header needs none of it
    from nibabel.nifti2 import Nifti2Header  # noqa: PLC0415

    kind: NiftiHeader = Nifti1Header if len(block) == HEADER_BYTES else Nifti2Header
    return kind(block, endianness=order, check=False)


def _read(stream: ByteStream, size: int) -> bytes:
    block = bytearray(size)
    return bytes(block[: stream.fill(memoryview(block))])


def _size_and_order(stream: ByteStream, block: bytes) -> tuple[int, str]:
    path = stream.path
    if not block:
        raise failure("IO003", path, "the file is empty", "get the file again")
    in_place = text_in_place(block, path)
    if in_place is not None:
        raise failure("IO003", path, *in_place)
    _check_half(path)
    name = name_format(block)
    if name is not None:
        raise failure("IO003", path, f"this is {name}, not a NIfTI file", what_to_do(name))
    unknown = unknown_content(block)
    if unknown is not None:
        raise failure("IO003", path, *unknown)
    _check_name(stream, block)
    for order in "<>":
        size = struct.unpack(f"{order}i", block[:4].ljust(4, b"\0"))[0]
        if size in _HEADER_BYTES and len(block) >= min(_HEADER_BYTES):
            magic = block[_MAGIC_AT[size] :][:4]
            if magic in (b"n+1\0", b"n+2\0"):
                return size, order
            if magic in (b"ni1\0", b"ni2\0"):
                raise failure(
                    "IO009",
                    path,
                    "this header keeps its voxels in a second file (.hdr and .img)",
                    "write both as one .nii.gz file, for example in 3D Slicer",
                )
            text = "the header looks like NIfTI or Analyze but does not carry the mark of NIfTI"
            raise failure("IO003", path, text, what_to_do("Analyze"))
    text = "this is not a NIfTI file: its first bytes are no header"
    raise failure("IO003", path, text, what_to_do("unknown"))


def _check_half(path: Path) -> None:
    """Refuse voxels without a header, which may begin with anything."""
    if path.name.lower().endswith((".img", ".img.gz")):
        text = "this is the voxel half of a .hdr and .img pair"
        hint = "write both as one .nii.gz file, for example in 3D Slicer"
        raise failure("IO009", path, text, hint)


def _check_name(stream: ByteStream, block: bytes) -> None:
    name = stream.path.name
    if name.endswith(".gz") and not stream.compressed:
        hint = "get the file again"
        if b"n+1\0" in block or b"n+2\0" in block:
            hint = f"its content is plain NIfTI: rename it to `{name[:-3]}`"
        raise failure("IO004", stream.path, "the name ends in .gz but the file is not gzip", hint)
    if name.endswith(".nii") and stream.compressed:
        text = "the name ends in .nii but the file is compressed with gzip"
        raise failure("IO004", stream.path, text, f"rename it to `{name}.gz`")
