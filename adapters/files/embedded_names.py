"""Class names that a label map carries in its NIfTI header, and whether a scheme agrees.

TotalSegmentator (and the Connectome Workbench, whose format it is) writes the names of its
classes as XML into a header extension. They say what the integers meant to the program that
wrote them, so they tell when a file is read with the scheme of another version.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from vesalius.adapters.files.gzip_stream import ByteStream, open_bytes
from vesalius.adapters.files.io_diagnostics import problem
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.library import load_scheme, packaged_ontology, scheme_paths
from vesalius.ontology.scheme_types import Scheme, structures_of

_MOST_BYTES = 1 << 20  # names of a thousand classes are a tenth of this
_FLAG_BYTES = 4
_HEAD = 8  # each extension starts with its size and its code
_TITLES_SHOWN = 4


def read_embedded_names(path: str | Path) -> dict[int, str]:
    """Read the class names in a file's header extensions.

    Parameters
    ----------
    path : str or Path
        A NIfTI file; its voxels are not read.

    Returns
    -------
    dict of int to str
        Integer to name; empty where there are none, or none that can be read.

    Raises
    ------
    DiagnosticError
        With every problem of the header.
    """
    with open_bytes(path) as stream:
        header, consumed = parse_header(stream)
        content = _extension_bytes(stream, header, consumed)
    order = header.nifti.endianness
    for block in _extensions(content, order):
        names = _names(block)
        if names:
            return names
    return {}


def check_embedded_names(path: str | Path, scheme: Scheme) -> list[Diagnostic]:
    """Compare the names in a label map with the scheme it is read with.

    Parameters
    ----------
    path : str or Path
        A multi-label file; a folder of masks, or a file that cannot be read, has no names.
    scheme : Scheme
        What the integers are taken for.

    Returns
    -------
    list of Diagnostic
        IO044, a warning, where they disagree.
    """
    if os.path.isdir(path):
        return []
    try:
        names = read_embedded_names(path)
    except DiagnosticError:
        return []  # reading the voxels says it
    wrong = disagreements(names, scheme)
    if not wrong:
        return []
    shown = "; ".join(wrong[:_TITLES_SHOWN])
    more = f" and {len(wrong) - _TITLES_SHOWN} more" if len(wrong) > _TITLES_SHOWN else ""
    text = (
        f"the file names its own classes, and {len(wrong)} of {len(names)} are not what scheme "
        f"`{scheme.name}` says: {shown}{more}"
    )
    fitting = _fitting(tuple(sorted(names.items())))
    hint = (
        f"the names fit {' or '.join(f'`{name}`' for name in fitting)}"
        if fitting
        else "make sure that the scheme is that of the program which wrote the file"
    )
    return [problem("IO044", path, text, hint, severity="warning")]


def disagreements(names: Mapping[int, str], scheme: Scheme) -> list[str]:
    """Say where names are not those of a scheme, or of the structures it maps to."""
    entries = scheme.by_integer()
    wrong = []
    for integer, name in sorted(names.items()):
        if integer == scheme.background:
            continue
        entry = entries.get(integer)
        if entry is None:
            wrong.append(f"{integer} is `{name}` there and unknown here")
        elif _plain(name) not in {_plain(n) for n in (entry.name, *structures_of(entry.target))}:
            wrong.append(f"{integer} is `{name}` there and `{entry.name}` here")
    return wrong


@lru_cache(maxsize=32)
def _fitting(names: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    """Give the shipped schemes that agree with every name."""
    ontology = packaged_ontology()
    found = []
    for scheme_name in scheme_paths():
        try:
            scheme = load_scheme(scheme_name, ontology)
        except DiagnosticError:
            continue
        if not disagreements(dict(names), scheme):
            found.append(scheme_name)
    return tuple(found[:_TITLES_SHOWN])


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _extension_bytes(stream: ByteStream, header: VolumeHeader, consumed: int) -> bytes:
    """Read what lies between the header and the first voxel."""
    size = min(header.data_offset - consumed, _MOST_BYTES)
    if size <= _FLAG_BYTES:
        return b""
    block = bytearray(size)
    content = bytes(block[: stream.fill(memoryview(block))])
    return content[_FLAG_BYTES:] if content[:1] not in (b"", b"\0") else b""


def _extensions(content: bytes, order: str) -> Sequence[bytes]:
    """Split into the data of each extension; stop where a size makes no sense."""
    found = []
    position = 0
    while position + _HEAD <= len(content):
        (size,) = struct.unpack_from(f"{order}i", content, position)
        if size <= _HEAD or position + size > len(content):
            break
        found.append(content[position + _HEAD : position + size])
        position += size
    return found


def _names(block: bytes) -> dict[int, str]:
    text = block.rstrip(b"\0 \t\r\n")
    # A document type could define entities without end; label tables have none.
    if b"<Label" not in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return {}
    try:
        tree = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return {}
    names = {}
    for label in tree.iter("Label"):
        key, name = label.get("Key", ""), (label.text or "").strip()
        if key.isdecimal() and name:
            names[int(key)] = name
    return names
