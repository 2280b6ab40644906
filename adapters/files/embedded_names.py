"""The fourth stage of reading: class names in a header or beside a file, against a scheme.

TotalSegmentator (and the Connectome Workbench, whose format it is) writes the names of its
classes as XML into a header extension. They say what the integers meant to the program that
wrote them, so they tell when a file is read with the scheme of another version. What lies beside
the file (`names_beside`) says the same.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from vesalius.adapters.files.class_table import ClassEntry, ClassTable
from vesalius.adapters.files.io_diagnostics import problem
from vesalius.adapters.files.label_volume import LabelVolume
from vesalius.adapters.files.names_beside import NamesBeside, names_beside
from vesalius.ontology.reading.diagnostics import Diagnostic

if TYPE_CHECKING:
    from vesalius.ontology.names.matching import NameIndex

_TITLES_SHOWN = 4
_FLAG_BYTES = 4
_MOST_DIGITS = 18
_TABLE = b"<LabelTable"
_HEAD = 8  # each extension starts with its size and its code


def names_inside(volume: LabelVolume) -> dict[int, str]:
    """Give the class names in the header's extensions of a label map.

    Returns
    -------
    dict of int to str
        Integer to name; empty where there are none, or none that can be read.
    """
    for block in _extensions(volume):
        names = _names(block)
        if names:
            return dict(names)
    return {}


def _unreadable_inside(volume: LabelVolume) -> tuple[Diagnostic, ...]:
    """Tell of a table of labels in the header that cannot be read."""
    if not any(_TABLE in block for block in _extensions(volume)):
        return ()
    text = (
        "the header holds a table of class names that cannot be read; whether they fit the scheme "
        "was not checked"
    )
    hint = "write the file again with the program that made it"
    return (problem("IO048", volume.path, text, hint, severity="warning"),)


def names_given(volume: LabelVolume) -> NamesBeside:
    """Give the class names in a label map, else those beside its file, and how to speak of them."""
    names = names_inside(volume)
    if names or volume.noun != "file":
        return NamesBeside(names, whose=f"the {volume.noun} names its own classes")
    beside = names_beside(Path(volume.path))
    return replace(beside, problems=_unreadable_inside(volume) + beside.problems)


def check_names(volume: LabelVolume, scheme: ClassTable) -> list[Diagnostic]:
    """Compare the names in a label map, or beside it, with the scheme it is read with.

    Parameters
    ----------
    volume : LabelVolume
        Where it was one file, names may also lie beside it; a folder of masks has none.
    scheme : ClassTable
        What the integers are taken for.

    Returns
    -------
    list of Diagnostic
        IO044, a warning, where they disagree; IO048 where names lie beside it and cannot be read.
    """
    given = names_given(volume)
    wrong = disagreements(given.names, scheme)
    if not wrong:
        return [*given.problems]
    shown = "; ".join(wrong[:_TITLES_SHOWN])
    more = f" and {len(wrong) - _TITLES_SHOWN} more" if len(wrong) > _TITLES_SHOWN else ""
    text = (
        f"{given.whose}, and {len(wrong)} of {len(given.names)} are not what scheme "
        f"`{scheme.name}` says: {shown}{more}"
    )
    fitting = _fitting(tuple(sorted(given.names.items())))
    hint = (
        f"the names fit {' or '.join(f'`{name}`' for name in fitting)}"
        if fitting
        else f"`vesalius new scheme --from {given.file}` drafts one for these integers"
        if given.file
        else "make sure that the scheme is that of the program which wrote the file"
    )
    return [*given.problems, problem("IO044", volume.path, text, hint, severity="warning")]


def disagreements(names: Mapping[int, str], scheme: ClassTable) -> list[str]:
    """Say where names are not those of a scheme, or of the structures it maps to."""
    entries = scheme.by_integer()
    wrong = []
    for integer, name in sorted(names.items()):
        if integer == scheme.background:
            continue
        entry = entries.get(integer)
        if entry is None:
            wrong.append(f"{integer} is `{name}` there and unknown here")
        elif not _is_called(name, entry) and not _means(name, entry.structures):
            wrong.append(f"{integer} is `{name}` there and `{entry.name}` here")
    return wrong


def _is_called(name: str, entry: ClassEntry) -> bool:
    """Tell whether a name is that of a class, or of a structure that it can become."""
    plain = _plain(name)
    return plain == _plain(entry.name) or any(plain == _plain(each) for each in entry.structures)


def _means(name: str, structures: Sequence[str]) -> bool:
    """Tell whether a name in other words, such as ``left kidney``, is one of the structures."""
    from vesalius.ontology.names.matching import match_name  # noqa: PLC0415

    match = match_name(name, _index())
    return match.how != "guess" and match.structure in structures


@lru_cache(maxsize=1)
def _index() -> NameIndex:
    # Read only where a file has other words for its classes.
    from vesalius.adapters.keeping.known import known_ontology  # noqa: PLC0415
    from vesalius.ontology.names.matching import index_names  # noqa: PLC0415

    return index_names(known_ontology())


@lru_cache(maxsize=32)
def _fitting(names: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    """Give the shipped schemes that agree with every name."""
    # Read only where a file names other classes.
    from vesalius.adapters.keeping.known import known_schemes  # noqa: PLC0415

    schemes = known_schemes().schemes
    found = [each.name for each in schemes if not disagreements(dict(names), each)]
    return tuple(found[:_TITLES_SHOWN])


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _extensions(volume: LabelVolume) -> list[bytes]:
    """Split into the content of each extension; stop where a size makes no sense."""
    content = volume.extensions
    if volume.header is None or content[:1] in (b"", b"\0"):
        return []
    found = []
    position = _FLAG_BYTES
    while position + _HEAD <= len(content):
        (size,) = struct.unpack_from(f"{volume.header.endianness}i", content, position)
        if size <= _HEAD or position + size > len(content):
            break
        found.append(content[position + _HEAD : position + size])
        position += size
    return found


def _is_integer(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MOST_DIGITS


@lru_cache(maxsize=8)
def _names(block: bytes) -> tuple[tuple[int, str], ...]:
    """Read a table of labels; the files of one program carry the same one, case after case."""
    text = block.rstrip(b"\0 \t\r\n")
    # A document type could define entities without end; label tables have none.
    if b"<Label" not in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return ()
    try:
        tree = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError):  # also an encoding that is none
        return ()
    names = {}
    for label in tree.iter("Label"):
        key, name = label.get("Key", ""), (label.text or "").strip()
        if _is_integer(key) and name:
            names[int(key)] = name
    return tuple(names.items())
