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
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS
from vesalius.adapters.files.gzip_stream import BLOCK_BYTES
from vesalius.adapters.files.io_diagnostics import failure, listing, plural, problem
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.files.label_volume import LabelVolume, label_values
from vesalius.adapters.files.mask_names import (
    FolderScheme,
    class_stems,
    is_nifti_name,
    mask_files,
    mask_stem,
)
from vesalius.adapters.files.masks_alike import said_once
from vesalius.adapters.files.nifti_bytes import NiftiHeader
from vesalius.adapters.files.nifti_header import VolumeHeader, parse_header
from vesalius.adapters.files.opened import Opened, open_given
from vesalius.adapters.files.unknown_masks import is_empty_mask, unknown_masks
from vesalius.engine.runs.grid import Grid
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, has_errors

_ON = 255  # how programs write "inside", besides 1


@dataclass(frozen=True)
class Overlap:
    """Voxels that two masks claim.

    Parameters
    ----------
    winner, loser : int
        Integers of the classes; the winner has the voxels in the result.
    voxels : int
        How many.
    """

    winner: int
    loser: int
    voxels: int


@dataclass(frozen=True, eq=False)
class MaskFolder:
    """The masks of a folder as one label map.

    Parameters
    ----------
    array : ndarray of uint8 or uint16, shape (i, j, k)
        Labels in the scheme's integers, Fortran order, read-only.
    grid : Grid
        Where the voxels lie.
    header : Nifti1Header or Nifti2Header
        Header of the mask with the lowest integer.
    header_path : str
        File of that mask.
    digest : str
        sha256 over the names and digests of all masks.
    path : str
        The folder.
    voxels : dict of int to int
        Voxels of each mask file, overlaps included; 0 for an empty mask.
    missing : tuple of int
        Classes of the scheme without a file: the source has no opinion on them.
    overlaps : tuple of Overlap
        By winner, then loser.
    diagnostics : tuple of Diagnostic
        Warnings and notes; errors are raised.
    """

    array: Labels
    grid: Grid
    header: NiftiHeader
    header_path: str
    digest: str
    path: str
    voxels: dict[int, int]
    missing: tuple[int, ...]
    overlaps: tuple[Overlap, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    def volume(self) -> LabelVolume:
        """Give the same as one label volume."""
        return LabelVolume(
            labels=encode(self.array, self.grid.affine),
            dtype=self.array.dtype,
            grid=self.grid,
            header=self.header,
            digest=self.digest,
            path=self.path,
            header_path=self.header_path,
            noun="folder",
            diagnostics=self.diagnostics,
        )


def read_mask_folder(
    path: str | Path,
    scheme: FolderScheme,
    shared: Collection[str] = (),
    *,
    any_number: bool = False,
) -> MaskFolder:
    """Read a folder of masks.

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
    overlaps = painter.overlaps()
    if overlaps:
        found.append(_overlap_note(folder, overlaps, scheme))
    painter.labels.setflags(write=False)
    return MaskFolder(
        array=painter.labels,
        grid=first.grid,
        header=first.nifti,
        header_path=first.name,
        digest=digest,
        path=str(folder),
        voxels=painter.voxels,
        missing=tuple(e.integer for e in scheme.entries if e.integer not in files),
        overlaps=overlaps,
        diagnostics=tuple(found),
    )


class _Painter:
    """Paint masks one after the other, the smaller class winning, and count overlaps."""

    def __init__(self, shape: tuple[int, int, int], largest: int) -> None:
        dtype = np.dtype(np.uint8 if largest <= np.iinfo(np.uint8).max else np.uint16)
        self.labels = np.zeros(shape, dtype, order="F")
        self.voxels: dict[int, int] = {}
        self._flat = self.labels.reshape(-1, order="F")
        self._pairs: dict[tuple[int, int], int] = {}

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
                self._pairs[pair] = int(counts[other])

    def overlaps(self) -> tuple[Overlap, ...]:
        """Give every pair that overlapped."""
        return tuple(Overlap(*pair, count) for pair, count in sorted(self._pairs.items()))


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
        stem = mask_stem(file.name)
        if stem not in names:
            unknown.append(file)
        elif names[stem] in files:
            text = f"`{file.name}` and `{files[names[stem]].name}` are the same class"
            found.append(problem("IO035", folder, text, "keep one of the two in the folder"))
        else:
            files[names[stem]] = file
    strange = [file for file in unknown if mask_stem(file.name) not in shared]
    empty = [file for file in strange if files and is_empty_mask(file)]
    if len(empty) < len(strange):
        full = [file for file in strange if file not in empty]
        found.append(unknown_masks(folder, full, list(files.values()), names, scheme))
    if has_errors(found):
        raise DiagnosticError(found)
    if empty:
        words = listing([f"`{mask_stem(file.name)}`" for file in empty])
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
            if inside is None and mask_stem(place.name) not in names:
                continue
            if inside is not None:
                hint = f"is `{inside.name}` in it the mask? Put it in the place of the folder"
            found.append(problem("IO002", place, text, hint))
    return found


def _told_of_layout(folder: Path, root: Path, names: Mapping[str, int]) -> list[Diagnostic]:
    """Say that the masks of a case lie in a folder inside the one that was given."""
    if root == folder:
        return []
    beside = sorted(mask_stem(p.name) for p in folder.iterdir() if is_nifti_name(p.name))
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


def _overlap_note(folder: Path, overlaps: tuple[Overlap, ...], scheme: FolderScheme) -> Diagnostic:
    names = {entry.integer: entry.name for entry in scheme.entries}
    largest = sorted(overlaps, key=lambda pair: -pair.voxels)
    words = [f"{names[p.winner]} over {names[p.loser]} {p.voxels:,}" for p in largest]
    total = plural(sum(pair.voxels for pair in overlaps), "voxel")
    text = f"masks overlap in {total}; the smaller class is kept: {listing(words)}"
    return problem("IO034", folder, text, severity="info")
