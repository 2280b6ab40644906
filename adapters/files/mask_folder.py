"""A folder with one mask file per class, as TotalSegmentator writes it, as one label map.

Which file is which class comes from the scheme (`folder`, default ``{name}.nii.gz``). Only one
mask is in memory at a time beside the result.

Where masks overlap, the voxel goes to the smaller class (fewer voxels in its own mask; at equal
size the lower integer): a part drawn inside a whole stays visible. The rule does not depend on
the order of the files, and every overlap is counted and reported.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS
from vesalius.adapters.files.gzip_stream import BLOCK_BYTES
from vesalius.adapters.files.io_diagnostics import failure, listing, plural, problem
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.files.label_volume import LabelVolume, label_values
from vesalius.adapters.files.mask_names import FolderScheme, class_stems, mask_files
from vesalius.adapters.files.masks_alike import said_once
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.adapters.files.nifti_names import is_nifti_name, nifti_stem
from vesalius.adapters.files.opened import Opened, open_given
from vesalius.adapters.files.unknown_masks import is_empty_mask, unknown_masks
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors

_ON = 255  # how programs write "inside", besides 1


def read_mask_folder(
    path: str | Path,
    scheme: FolderScheme,
    shared: Collection[str] = (),
    *,
    any_number: bool = False,
) -> LabelVolume:
    """Read a folder of masks as one label map; its header is that of the lowest integer.

    Parameters
    ----------
    path : str or Path
        The folder, or that of a case with a folder of masks inside. Only its ``.nii`` and
        ``.nii.gz`` files are looked at, hidden ones are not.
    scheme : Scheme
        Gives integers and file names of the classes.
    shared : collection of str
        Stems of masks that are read with another scheme, and are no concern of this one.
    any_number : bool
        Whether a mask may hold any one number besides 0, as where its class is not known.

    Returns
    -------
    LabelVolume
        In the scheme's integers; its digest is taken over the names and digests of all masks.

    Raises
    ------
    DiagnosticError
        IO030 no masks; IO031 unknown files; IO032 different grids; IO033 values that are no mask;
        IO035, IO036 ambiguous names; and every problem of a single file.
    """
    folder = Path(path)
    files, told = _match(folder, scheme, shared)
    first, painter, digest, found = _read_masks(files, None if any_number else scheme)
    found = told + found
    if painter.overlaps:
        found.append(_overlap_note(folder, painter.overlaps, scheme))
    return LabelVolume(
        labels=encode(painter.labels, first.grid.affine),
        dtype=painter.labels.dtype,
        grid=first.grid,
        header=first.nifti,
        digest=digest,
        path=str(folder),
        header_path=first.name,
        noun="folder",
        diagnostics=tuple(found),
    )


class _Painter:
    """Paint masks one after the other, the smaller class winning, and count overlaps."""

    def __init__(self, shape: tuple[int, int, int], largest: int) -> None:
        dtype = np.dtype(np.uint8 if largest <= np.iinfo(np.uint8).max else np.uint16)
        self.labels = np.zeros(shape, dtype, order="F")
        self.voxels: dict[int, int] = {}
        self._flat = self.labels.reshape(-1, order="F")
        self.overlaps: dict[tuple[int, int], int] = {}  # voxels by winner and loser

    def paint(self, integer: int, mask: Labels) -> None:
        """Add a mask; masks come by ascending integer, so at equal size the older stays."""
        flat = mask.reshape(-1, order="F")
        size = int(np.count_nonzero(flat))
        labels = np.iinfo(self.labels.dtype).max + 1
        wins = np.ones(labels, bool)
        for other, voxels in self.voxels.items():
            wins[other] = size < voxels
        self.voxels[integer] = size
        counts = np.zeros(labels, np.int64)
        for first in range(0, flat.size if size else 0, BLOCK_BYTES):
            inside = flat[first : first + BLOCK_BYTES] != 0
            taken = self._flat[first : first + BLOCK_BYTES][inside]
            counts += np.bincount(taken, minlength=labels)
            taken[wins[taken]] = integer
            self._flat[first : first + BLOCK_BYTES][inside] = taken
        for other, voxels in self.voxels.items():
            if other != integer and counts[other]:
                pair = (integer, other) if size < voxels else (other, integer)
                self.overlaps[pair] = int(counts[other])


def _match(
    folder: Path, scheme: FolderScheme, shared: Collection[str]
) -> tuple[dict[int, Path], list[Diagnostic]]:
    """Find the file of every class by its name; of other masks only empty ones are passed over."""
    names = class_stems(folder, scheme)
    listed = mask_files(folder)
    told = _told_of_layout(folder, listed[0].parent, names)
    found = _folders_called_files(listed[0].parent, names)
    files: dict[int, Path] = {}
    unknown: list[Path] = []
    for file in listed:
        stem = nifti_stem(file.name)
        if stem not in names:
            unknown.append(file)
        elif names[stem] in files:
            text = f"`{file.name}` and `{files[names[stem]].name}` are the same class"
            found.append(problem("IO035", folder, text, "keep one of the two in the folder"))
        else:
            files[names[stem]] = file
    strange = [file for file in unknown if nifti_stem(file.name) not in shared]
    empty = [file for file in strange if files and is_empty_mask(file)]
    if len(empty) < len(strange):
        full = [file for file in strange if file not in empty]
        found.append(unknown_masks(folder, full, list(files.values()), names, scheme))
    if has_errors(found):
        raise DiagnosticError(found)
    if empty:
        words = listing([f"`{nifti_stem(file.name)}`" for file in empty])
        text = f"scheme `{scheme.name}` does not know {words}; all of them are empty, and left out"
        told.append(problem("IO037", folder, text, severity="info"))
    return files, told


def _folders_called_files(root: Path, names: Collection[str]) -> list[Diagnostic]:
    """Say that what is called as a mask is a folder: unpacked, the file often lies inside it.

    One that is called as no class and holds no file is no mask that was lost.
    """
    found = []
    for place in sorted(root.iterdir()):
        if is_nifti_name(place.name) and os.path.isdir(place):
            text = "this is a folder, and it is called as a mask is"
            inside = next((p for p in sorted(place.iterdir()) if is_nifti_name(p.name)), None)
            hint = "rename it if it is none, or take it out of the folder of masks"
            if inside is None and nifti_stem(place.name) not in names:
                continue
            if inside is not None:
                hint = f"is `{inside.name}` in it the mask? Put it in the place of the folder"
            found.append(problem("IO002", place, text, hint))
    return found


def _told_of_layout(folder: Path, root: Path, names: Mapping[str, int]) -> list[Diagnostic]:
    """Say that the masks of a case lie in a folder inside the one that was given."""
    if root == folder:
        return []
    beside = sorted(nifti_stem(p.name) for p in folder.iterdir() if is_nifti_name(p.name))
    both = [stem for stem in beside if stem in names]
    if both:
        text = f"masks lie in the folder and in `{root.name}/` ({listing(both)} in the folder)"
        hint = f"give the one that you mean: `{root}`, or a folder without it"
        raise failure("IO030", folder, text, hint)
    text = f"the masks are read from `{root.name}/`"
    if beside:
        verb = "is" if len(beside) == 1 else "are"
        words = listing([f"`{stem}`" for stem in beside])
        text += f"; {words} beside it {verb} not read (the CT is given with --image)"
    return [problem("IO037", folder, text, severity="info")]


def _read_masks(
    files: dict[int, Path], scheme: FolderScheme | None
) -> tuple[VolumeHeader, _Painter, str, list[Diagnostic]]:
    """Open each mask once; of headers and grids all problems come before any of the voxels."""
    unreadable: dict[int, tuple[Diagnostic, ...]] = {}
    elsewhere: list[Diagnostic] = []
    found: list[Diagnostic] = []
    digest = hashlib.sha256()
    first: VolumeHeader | None = None
    painter: _Painter | None = None
    for integer in sorted(files):
        try:
            with open_given(files[integer]) as opened:
                header = parse_header(opened)
                if first is None or painter is None:
                    first = header
                    painter = _Painter(header.grid.shape, max(files))
                elsewhere += _other_grid(first, header, files[integer])
                if unreadable or elsewhere:
                    continue
                mask = _mask(opened, header, integer, scheme, found)
        except DiagnosticError as error:
            unreadable[integer] = error.diagnostics
            continue
        if mask is not None:
            painter.paint(integer, mask.array)
            digest.update(os.fsencode(f"{files[integer].name} {mask.digest}\n"))
    problems = [d for integer in files for d in unreadable.get(integer, ())] or elsewhere or found
    if has_errors(problems) or first is None or painter is None:
        raise DiagnosticError(said_once(problems))
    return first, painter, digest.hexdigest(), said_once(found)


def _mask(
    opened: Opened,
    header: VolumeHeader,
    integer: int,
    scheme: FolderScheme | None,
    found: list[Diagnostic],
) -> LabelVolume | None:
    """Read the voxels of a mask and note what is to be said of them; None where they are none."""
    try:
        mask = label_values(opened, header)
        _check_values(mask, integer, scheme)
    except DiagnosticError as error:
        found += error.diagnostics
        return None
    found += mask.diagnostics
    return mask


def _other_grid(first: VolumeHeader, header: VolumeHeader, file: Path) -> list[Diagnostic]:
    """Say that a mask does not lie where the first one does."""
    apart = first.grid.offset_mm(header.grid)
    if apart <= GRID_TOLERANCE_VOXELS * min(first.grid.spacing_mm):
        return []
    how = _how_different(first.grid, header.grid, apart)
    text = f"masks `{Path(first.name).name}` and `{file.name}` are on different grids: {how}"
    hint = "masks of one folder belong to one prediction of one scan"
    return [problem("IO032", file, text, hint)]


def _how_different(one: Grid, other: Grid, apart: float) -> str:
    if one.shape != other.shape:
        return " against ".join(" x ".join(str(n) for n in g.shape) for g in (one, other))
    return f"voxels up to {apart:.1f} mm apart"


def _check_values(mask: LabelVolume, integer: int, scheme: FolderScheme | None) -> None:
    """Refuse values other than 0 and one of 1, 255 and the class's own number."""
    largest = int(mask.array.max())
    if largest in (0, 1):
        return
    single = np.count_nonzero(mask.array) == np.count_nonzero(mask.array == largest)
    if single and (scheme is None or largest in (_ON, integer)):
        return
    values = np.flatnonzero(np.bincount(mask.array.ravel(order="K")))
    words = listing([str(value) for value in values if value])
    text = f"a mask of one class holds 0 and 1 (or 255); this one holds {words}"
    hint = "is this a file of several labels? give it instead of the folder"
    if single and scheme is not None:
        other = next((e.name for e in scheme.entries if e.integer == largest), None)
        what = f"is that of `{other}` in" if other else "is no number of"
        text += f", and {integer} is the number of this class"
        hint = f"{largest} {what} `{scheme.name}`: is this the right mask, or another scheme?"
    raise failure("IO033", mask.path, text, hint)


def _overlap_note(
    folder: Path, overlaps: Mapping[tuple[int, int], int], scheme: FolderScheme
) -> Diagnostic:
    names = {entry.integer: entry.name for entry in scheme.entries}
    largest = sorted(overlaps.items(), key=lambda item: (-item[1], item[0]))
    words = [f"{names[winner]} over {names[loser]} {n:,}" for (winner, loser), n in largest]
    total = plural(sum(overlaps.values()), "voxel")
    text = f"masks overlap in {total}; the smaller class is kept: {listing(words)}"
    return problem("IO034", folder, text, severity="info")
