"""Class names that a label map brings along in its header or its folder, against a scheme.

TotalSegmentator (and the Connectome Workbench, whose format it is) writes the names of its
classes as XML into a header extension. They say what the integers meant to the program that
wrote them, so they tell when a file is read with the scheme of another version. nnU-Net v2 puts
the `dataset.json` and the `plans.json` of its model beside what it predicts, which say the same.
(What v1 puts there is a pickle, which is not opened: it could run anything.)
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from vesalius.adapters.files.gzip_stream import ByteStream, open_bytes
from vesalius.adapters.files.io_diagnostics import problem
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.library import load_scheme, packaged_ontology, scheme_paths
from vesalius.ontology.scheme_types import Scheme, structures_of

_DATASET, _PLANS = "dataset.json", "plans.json"
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
    whose = "the file names its own classes"
    if not names:
        names, whose = _names_beside(Path(path).parent)
    wrong = disagreements(names, scheme)
    if not wrong:
        return []
    shown = "; ".join(wrong[:_TITLES_SHOWN])
    more = f" and {len(wrong) - _TITLES_SHOWN} more" if len(wrong) > _TITLES_SHOWN else ""
    text = (
        f"{whose}, and {len(wrong)} of {len(names)} are not what scheme "
        f"`{scheme.name}` says: {shown}{more}"
    )
    fitting = _fitting(tuple(sorted(names.items())))
    hint = (
        f"the names fit {' or '.join(f'`{name}`' for name in fitting)}"
        if fitting
        else "`vesalius new scheme --from dataset.json` drafts one for these integers"
        if whose.startswith(f"`{_DATASET}`")
        else "make sure that the scheme is that of the program which wrote the file"
    )
    return [problem("IO044", path, text, hint, severity="warning")]


def names_in_dataset_json(path: Path) -> dict[int, str]:
    """Read which integer of a prediction stands for which class.

    Parameters
    ----------
    path : Path
        A dataset.json of nnU-Net v2 or v1; overlapping classes (regions) are predicted by the
        integers of its `regions_class_order`.

    Returns
    -------
    dict of int to str
        Without background and ignore; empty where nothing can be read from it.
    """
    data = _json(path)
    labels, order = data.get("labels"), data.get("regions_class_order")
    if not isinstance(labels, dict):
        return {}
    if all(key.isdecimal() and isinstance(name, str) for key, name in labels.items()):
        return {int(key): name for key, name in labels.items() if int(key)}
    classes = {n: k for n, k in labels.items() if n != "ignore" and not _is_background(k)}
    if isinstance(order, list) and len(order) == len(classes):
        classes = dict(zip(classes, order, strict=True))
    return {key: name for name, key in classes.items() if isinstance(key, int)}


def _is_background(key: object) -> bool:
    return key in (0, [0])


def _names_beside(folder: Path) -> tuple[dict[int, str], str]:
    """Give the names of the model that predicted into a folder, and how to speak of them."""
    names = names_in_dataset_json(folder / _DATASET)
    model = _json(folder / _PLANS).get("dataset_name")
    whose = f" of `{model}`" if isinstance(model, str) else ""
    return names, f"`{_DATASET}` beside the file names the classes{whose}"


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


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
