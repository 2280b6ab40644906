"""Masks of a folder that its scheme does not know: what they may be, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from vesalius.adapters.files.io_diagnostics import listing, problem
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_names import (
    FolderScheme,
    class_stems,
    nearest_stems,
    written_otherwise,
)
from vesalius.adapters.files.nifti_names import is_nifti_name, nifti_stem
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_SHOWN: Final = 3
_BACKGROUND: Final = "background"
_LOOKED_AT: Final = 8
"""Files of a folder that are read to tell what it holds."""
_NUMBER: Final = re.compile(r"(?:label|class|mask|seg|segment)?[ _-]*(\d{1,5})", re.IGNORECASE)
_COPY: Final = re.compile(
    r"( ?\(\d+\)| - (copy|kopie)( \(\d+\))?|[ _-]copy( ?\d+)?)$", re.IGNORECASE
)
_CODES_OF_AN_IMAGE: Final = frozenset({"IO020", "IO022", "IO023"})


def is_empty_mask(file: Path) -> bool:
    """Tell whether a file is a mask of nothing; one that cannot be read is none."""
    try:
        return not np.any(read_labels(file).array)
    except DiagnosticError:
        return False


def unknown_masks(
    folder: Path,
    unknown: Sequence[Path],
    known: Sequence[Path],
    names: Mapping[str, int],
    scheme: FolderScheme,
) -> Diagnostic:
    """Say that a scheme does not know masks, and what they may be.

    Parameters
    ----------
    folder : Path
        As it was given.
    unknown, known : sequence of Path
        Files that the scheme does not know, and those that it does.
    names : mapping of str to int
        Integer of each class by the stem of its file.
    scheme : FolderScheme
        Of the folder.
    """
    stems = [nifti_stem(file.name) for file in unknown]
    words = listing([f"`{stem}`" for stem in stems])
    noun = "a mask" if len(stems) == 1 else f"{len(stems)} masks"
    text = f"scheme `{scheme.name}` does not know {noun} of this folder: {words}"
    return problem("IO031", folder, text, _hint(folder, unknown, known, names, scheme))


def _hint(
    folder: Path,
    unknown: Sequence[Path],
    known: Sequence[Path],
    names: Mapping[str, int],
    scheme: FolderScheme,
) -> str:
    """Say what the masks may be: the surest explanation alone."""
    if is_nifti_name(folder.name):
        return f"a folder is called as a file is: is `{unknown[0]}` the file that is meant?"
    strange = next((text for file in unknown if (text := _no_mask(file, bool(known)))), None)
    stems = [nifti_stem(file.name) for file in unknown]
    taken = [nifti_stem(file.name) for file in known]
    if taken and {stem.lower() for stem in stems} == {_BACKGROUND}:
        return f"`{stems[0]}` is no class: move it out of the folder"
    return (
        strange
        or _called_otherwise(stems, taken, names)
        or _of_schemes(folder, stems, taken, names, scheme)
    )


def _called_otherwise(
    stems: Sequence[str], taken: Sequence[str], names: Mapping[str, int]
) -> str | None:
    """Say which classes of the scheme all of the masks are; None where not all are any."""
    copies = [f"{stem}: a copy of `{of}`?" for stem in stems if (of := _copied(stem, taken))]
    if len(copies) == len(stems):
        return f"{'; '.join(copies[:_SHOWN])} Keep one of the two in the folder"
    written = written_otherwise(stems, tuple(names))
    if len(written) == len(stems):
        return "; ".join(written[:_SHOWN])
    if not taken:
        return None
    meant = _meant(stems, {name: names[name] for name in names if name not in taken})
    return "; ".join(meant) if len(meant) == min(len(stems), _SHOWN) else None


def _of_schemes(
    folder: Path,
    stems: Sequence[str],
    taken: Sequence[str],
    names: Mapping[str, int],
    scheme: FolderScheme,
) -> str:
    """Say which schemes know the masks, or which classes of this one they may be."""
    whole = _schemes_that_know(folder, [*taken, *stems], scheme)
    others = _schemes_that_know(folder, stems, scheme) if taken and not whole else whole
    listed = " or ".join(f"`{name}`" for name in others[:_SHOWN])
    if taken and whole:
        return f"{listed} knows all masks of this folder: is it that scheme?"
    if taken and others:
        return (
            f"{listed} knows them: masks of two tasks are merged with the folder given once for "
            f"each, `run -p {scheme.name}={folder} -p {others[0]}={folder}`"
        )
    near = nearest_stems(stems, tuple(names)) or _by_number(stems, scheme) or _meant(stems, names)
    if near:
        return "; ".join(near)
    return f"{listed} knows them" if others else "choose the scheme that the masks come from"


def hold_label_maps(files: Sequence[Path]) -> bool:
    """Tell whether the files of a folder are whole label maps, and no masks of one class.

    The first one decides that is neither empty nor unreadable, nor holds one number that may be
    that of its class.
    """
    for file in files[:_LOOKED_AT]:
        try:
            numbers = np.unique(read_labels(file).array)
        except DiagnosticError:
            continue
        inside = numbers[numbers > 0].tolist()
        if len(inside) > 1:
            return True
        if inside in ([1], [255]):
            return False
    return False


def _holds_several(file: Path) -> bool:
    return bool(np.count_nonzero(np.unique(read_labels(file).array)) > 1)


def _no_mask(file: Path, beside_masks: bool) -> str | None:
    """Say what a file is that holds more than a mask does; None where it may be one."""
    try:
        several = _holds_several(file)
    except DiagnosticError as error:
        if not {d.code for d in error.diagnostics} & _CODES_OF_AN_IMAGE:
            return None
        return (
            f"`{file.name}` holds values, not labels: is it the image? Give it with --image, and "
            "the masks in a folder of their own"
        )
    if not several:
        return None
    if beside_masks:
        return (
            f"`{file.name}` holds several labels: it is a whole label map; give it alone, or move "
            "it out of the folder of masks"
        )
    return (
        f"`{file.name}` holds several labels: are these whole label maps, one for each case? "
        f"`lint` and `stats` take such a folder with their scheme; other verbs take a file of it, "
        f"as `{file}`, or a cohort (`vesalius new cohort`)"
    )


def _copied(stem: str, taken: Sequence[str]) -> str | None:
    """Give the mask that a file is a copy of by its name: `liver (1)`, `Liver`, `liver - Copy`."""
    bare = _COPY.sub("", stem).casefold()
    return next((name for name in taken if name.casefold() == bare), None)


def _by_number(stems: Sequence[str], scheme: FolderScheme) -> list[str]:
    """Say for masks that are called by a number alone which class it is."""
    classes = {entry.integer: entry.name for entry in scheme.entries}
    found = []
    for stem in stems:
        matched = _NUMBER.fullmatch(stem)
        number = int(matched[1]) if matched else None
        if number in classes:
            found.append(f"{stem}: class {number} is `{classes[number]}`, rename it so")
    return found[:_SHOWN]


def _meant(stems: Sequence[str], names: Mapping[str, int]) -> list[str]:
    """Say for names in other words or languages which class means the same."""
    from vesalius.adapters.keeping.known import known_ontology  # noqa: PLC0415
    from vesalius.ontology.names.matching import index_names  # noqa: PLC0415

    index = index_names(known_ontology())
    by_structure = {structure: name for name in names for structure in index.meant(name)}
    found = []
    for stem in stems:
        same = [by_structure[one] for one in index.meant(stem) if one in by_structure]
        if same:
            found.append(f"{stem}: that is `{same[0]}` here, rename it so")
    return found[:_SHOWN]


def _schemes_that_know(folder: Path, stems: Sequence[str], scheme: FolderScheme) -> list[str]:
    """Name the shipped schemes that have a class of each of these names, the smallest first."""
    # Read only where masks are not known.
    from vesalius.adapters.keeping.known import known_schemes  # noqa: PLC0415

    found: list[tuple[int, str]] = []
    for each in known_schemes().schemes:
        if each.name == scheme.name:
            continue
        try:
            classes = class_stems(folder, each)
        except DiagnosticError:
            continue
        if all(stem in classes for stem in stems):
            found.append((len(classes), each.name))
    return [name for _, name in sorted(found)]
