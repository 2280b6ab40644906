"""Masks of a folder that its scheme does not know: what they may be, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from vesalius.adapters.files.io_diagnostics import listing, problem
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_names import (
    FolderScheme,
    class_stems,
    mask_stem,
    nearest_stems,
)
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_SHOWN: Final = 3


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
    stems = [mask_stem(file.name) for file in unknown]
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
    stems = [mask_stem(file.name) for file in unknown]
    if not known and is_label_map(unknown[0]):
        return (
            f"`{unknown[0].name}` holds several labels: are these whole label maps, one for each "
            f"case? Give them one by one, as `{unknown[0].parent}/*{_ending(unknown[0])}`"
        )
    others = _schemes_that_know(folder, stems, scheme)
    if others and known:
        more = " ".join(f"-p {other}={folder}" for other in others[:1])
        listed = " or ".join(f"`{name}`" for name in others[:_SHOWN])
        return (
            f"{listed} knows them: masks of two tasks are merged with the folder given once for "
            f"each, `run -p {scheme.name}={folder} {more}`"
        )
    near = nearest_stems(stems, tuple(names))
    if near:
        return "; ".join(near)
    if others:
        return f"{' or '.join(f'`{name}`' for name in others[:_SHOWN])} knows them"
    return "choose the scheme that the masks come from"


def is_label_map(file: Path) -> bool:
    """Tell whether a file can be read and holds several labels, so that it is no mask."""
    try:
        values = np.unique(read_labels(file).array)
    except DiagnosticError:
        return False
    return bool(np.count_nonzero(values) > 1)


def _ending(file: Path) -> str:
    return file.name[len(mask_stem(file.name)) :]


def _schemes_that_know(folder: Path, stems: Sequence[str], scheme: FolderScheme) -> list[str]:
    """Name the shipped schemes that have a class of each of these names, the smallest first."""
    # Read only where masks are not known.
    from vesalius.ontology.load import load_ontology, load_scheme, scheme_paths  # noqa: PLC0415

    ontology = load_ontology()
    found: list[tuple[int, str]] = []
    for name in scheme_paths():
        if name == scheme.name:
            continue
        try:
            classes = class_stems(folder, load_scheme(name, ontology))
        except DiagnosticError:
            continue
        if all(stem in classes for stem in stems):
            found.append((len(classes), name))
    return [name for _, name in sorted(found)]
