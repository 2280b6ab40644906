"""Class names that lie beside a label map, in whatever form they can be read.

nnU-Net v2 puts the `dataset.json` and the `plans.json` of its model beside what it predicts, and
that of a dataset above the folder of its labels; other programs a label description of ITK-SNAP, a
colour table of 3D Slicer or FreeSurfer, a CSV, the TSV of BIDS or MONAI's metadata. (What nnU-Net
v1 puts there is a pickle, which is not opened: it could run anything.) A file that is there and
cannot be read is told of: the check that it was for could not be made.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vesalius.adapters.files.io_diagnostics import problem
from vesalius.adapters.files.json_files import parse_object
from vesalius.adapters.files.nifti_names import nifti_stem
from vesalius.ontology.names.label_tables import classes_from_file
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.side_files import JSON_BYTES, decode_text, read_side_file

DATASET: Final = "dataset.json"
_PLANS: Final = "plans.json"
_TABLES: Final = (
    "labels.ctbl",
    "labels.label",
    "labels.txt",
    "labels.json",
    "dseg.tsv",
)
_PERHAPS: Final = (
    "metadata.json", "label_map.json", "labelmap.json", "labels.csv", "labels.tsv",
    "FreeSurferColorLUT.txt",
)  # fmt: skip
_OWN_ENDINGS: Final = (".ctbl", ".label", ".txt", ".json", ".csv", ".tsv")
_ONLY_NAMES: Final = (".ctbl", ".label")
"""What is called so holds class names and nothing else."""
_DATASET_FOLDERS: Final = ("labelstr", "labelsts", "labelsval")
"""Folders of labels beside which nnU-Net's `dataset.json` lies, one above the labels."""
_MOST_DIGITS: Final = 18


@dataclass(frozen=True)
class NamesBeside:
    """What a file beside a label map says of its classes.

    Parameters
    ----------
    names : dict of int to str
        Empty where nothing lies there, or nothing can be read.
    file : str
        Its name; empty where none was read.
    whose : str
        How messages speak of the names.
    problems : tuple of Diagnostic
        IO048, warnings: files that are there and cannot be used.
    """

    names: dict[int, str] = field(default_factory=dict)
    file: str = ""
    whose: str = ""
    problems: tuple[Diagnostic, ...] = ()


def names_beside(volume: Path) -> NamesBeside:
    """Read the names that lie beside a label map; the first file that has some is taken."""
    problems: list[Diagnostic] = []
    for path in _candidates(volume):
        certain = _is_certain(path)
        try:
            names = _read(path)
        except (OSError, ValueError, DiagnosticError) as error:
            if certain:
                problems.append(_unread(path, volume, _reason(error)))
            continue
        if names and (certain or _plausible(names)):
            where = "beside the file" if path.parent == volume.parent else "above its folder"
            whose = f"`{path.name}` {where} names the classes{_model(path)}"
            file = path.name if path.parent == volume.parent else f"../{path.name}"
            return NamesBeside(names, file, whose, tuple(problems))
        if certain:
            problems.append(_unread(path, volume, "it names no class"))
    return NamesBeside(problems=tuple(problems))


def names_in_dataset_json(path: Path) -> dict[int, str]:
    """Read which integer of a prediction stands for which class.

    Parameters
    ----------
    path : Path
        A dataset.json of nnU-Net v2 or v1, in UTF-8, UTF-16, UTF-32 or else Latin-1; overlapping
        classes (regions) are predicted by the integers of its `regions_class_order`.

    Returns
    -------
    dict of int to str
        Without background and ignore; empty where the file names no class.

    Raises
    ------
    OSError, ValueError
        If it cannot be read as a JSON object.
    """
    data = _object(path)
    labels, order = data.get("labels"), data.get("regions_class_order")
    if isinstance(labels, list) and all(isinstance(name, str) for name in labels):
        return {key: name for key, name in enumerate(labels) if key}
    if not isinstance(labels, dict):
        return {}
    if all(_is_integer(key) and isinstance(name, str) for key, name in labels.items()):
        return {int(key): name for key, name in labels.items() if int(key)}
    classes = {
        name: _whole(key)
        for name, key in labels.items()
        if name != "ignore" and not _is_background(key)
    }
    if isinstance(order, list) and len(order) == len(classes):
        classes = dict(zip(classes, map(_whole, order), strict=True))
    return {key: name for name, key in classes.items() if isinstance(key, int)}


def _is_certain(path: Path) -> bool:
    """Tell whether a file holds class names for sure, so that it must be told if it cannot."""
    name = path.name.lower()
    return name == DATASET or name in _TABLES or name.endswith(_ONLY_NAMES)


def _candidates(volume: Path) -> Iterator[Path]:
    """Give the files that are there, the surest first; capitals are no other names."""
    stem = nifti_stem(volume.name)
    own = [f"{stem}{end}" for ending in _OWN_ENDINGS for end in (ending, ending.upper())]
    sure, perhaps = ([*_spelled(names)] for names in ((DATASET, *_TABLES), _PERHAPS))
    # The folder is not listed: in a cohort it holds tens of thousands of files.
    for each in dict.fromkeys((*sure[:3], *own, *sure, *perhaps)):
        path = volume.parent / each
        # A link that leads nowhere is there, too.
        if os.path.lexists(path):
            yield path
    folder = Path(os.path.abspath(volume.parent))
    if folder.name.lower() in _DATASET_FOLDERS and os.path.lexists(folder.parent / DATASET):
        yield folder.parent / DATASET


def _spelled(names: Iterable[str]) -> Iterator[str]:
    return (spelled for name in names for spelled in (name, name.capitalize(), name.upper()))


def _plausible(names: Mapping[int, str]) -> bool:
    """Tell whether what a table holds are names, and not figures or the rows of something else."""
    different = len({name.lower() for name in names.values()})
    return different == len(names) and all(name[:1].isalpha() for name in names.values())


def _read(path: Path) -> dict[int, str]:
    if path.name.lower() == DATASET:
        names = names_in_dataset_json(path)
        if names:
            return names
    found = classes_from_file(path).names
    return {integer: name for integer, name in found.items() if integer and name != "ignore"}


def _model(path: Path) -> str:
    """Name the model, where nnU-Net says which it was."""
    if path.name.lower() != DATASET:
        return ""
    try:
        model = _object(path.parent / _PLANS).get("dataset_name")
    except (OSError, ValueError):
        return ""
    return f" of `{model}`" if isinstance(model, str) else ""


def _object(path: Path) -> dict[str, Any]:
    data = read_side_file(path, JSON_BYTES)
    try:
        text = decode_text(data)
    except UnicodeDecodeError:
        # Names with accents from an old program; integers are the same in any of them.
        text = data.decode("latin-1")
    return parse_object(text)


def _whole(value: object) -> object:
    """Give the integer that a text or a float says; anything else as it is."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _is_integer(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _is_background(key: object) -> bool:
    return _whole(key) == 0 or key == [0]


def _is_integer(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MOST_DIGITS


def _reason(error: Exception) -> str:
    if isinstance(error, DiagnosticError):
        return error.diagnostics[0].message
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return str(error)


def _unread(path: Path, volume: Path, reason: str) -> Diagnostic:
    text = (
        f"`{path.name}` beside the file cannot be read ({reason}); whether its class names fit the "
        "scheme was not checked"
    )
    hint = "mend it, or take it away if it does not belong to the file"
    return problem("IO048", volume, text, hint, severity="warning")
