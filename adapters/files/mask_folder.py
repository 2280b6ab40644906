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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS
from vesalius.adapters.files.gzip_stream import BLOCK_BYTES
from vesalius.adapters.files.io_diagnostics import failure, listing, plural, problem, unreadable
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.files.nifti_header import NiftiHeader, VolumeHeader, read_header
from vesalius.adapters.files.nifti_read import LabelVolume, read_labels
from vesalius.engine.grid import Grid
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, has_errors, suggest

_SUFFIXES = (".nii.gz", ".nii")
_ON = (1, 255)  # how programs write "inside"


class FolderEntry(Protocol):
    """What is needed of a scheme's entry."""

    @property
    def integer(self) -> int:
        """The class's number."""

    @property
    def name(self) -> str:
        """The class's name."""


class FolderScheme(Protocol):
    """What is needed of a scheme."""

    @property
    def name(self) -> str:
        """The scheme's name."""

    @property
    def entries(self) -> Sequence[FolderEntry]:
        """Its classes."""

    @property
    def folder(self) -> str:
        """How a class's file is called, with ``{name}`` or ``{integer}``."""


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
            array=self.array,
            grid=self.grid,
            header=self.header,
            digest=self.digest,
            path=self.path,
            header_path=self.header_path,
            diagnostics=self.diagnostics,
        )


def read_mask_folder(path: str | Path, scheme: FolderScheme) -> MaskFolder:
    """Read a folder of masks.

    Parameters
    ----------
    path : str or Path
        The folder. Only its ``.nii`` and ``.nii.gz`` files are looked at, hidden ones are not.
    scheme : Scheme
        Gives integers and file names of the classes.

    Raises
    ------
    DiagnosticError
        IO030 no masks; IO031 unknown files; IO032 different grids; IO033 values that are no mask;
        IO035, IO036 ambiguous names; and every problem of a single file.
    """
    folder = Path(path)
    files = _match(folder, scheme)
    headers = _headers(files)
    _one_grid(files, headers)
    first = headers[min(files)]
    painter = _Painter(first.grid.shape, max(files))
    found: list[Diagnostic] = []
    digest = hashlib.sha256()
    for integer in sorted(files):
        try:
            mask = read_labels(files[integer])
            _check_values(mask)
        except DiagnosticError as error:
            found += error.diagnostics
            continue
        painter.paint(integer, mask.array)
        found += mask.diagnostics
        digest.update(f"{files[integer].name} {mask.digest}\n".encode())
    if has_errors(found):
        raise DiagnosticError(found)
    overlaps = painter.overlaps()
    if overlaps:
        found.append(_overlap_note(folder, overlaps, scheme))
    painter.labels.setflags(write=False)
    return MaskFolder(
        array=painter.labels,
        grid=first.grid,
        header=first.nifti,
        header_path=first.path,
        digest=digest.hexdigest(),
        path=str(folder),
        voxels=painter.voxels,
        missing=tuple(e.integer for e in scheme.entries if e.integer not in files),
        overlaps=overlaps,
        diagnostics=tuple(found),
    )


def mask_files(path: str | Path) -> list[Path]:
    """List the mask files of a folder by name.

    Raises
    ------
    DiagnosticError
        IO001, IO002 no folder that can be listed; IO030 none in it.
    """
    folder = Path(path)
    try:
        names = sorted(place.name for place in folder.iterdir() if not os.path.isdir(place))
    except NotADirectoryError:
        raise failure("IO030", folder, "this is a file, not a folder of masks") from None
    except OSError as error:
        raise unreadable(folder, error) from None
    masks = [name for name in names if name.endswith(_SUFFIXES) and not name.startswith(".")]
    if not masks:
        text = "the folder is empty" if not names else "there is no NIfTI file in the folder"
        hint = "masks are files such as `name_of_class.nii.gz`, directly in the folder"
        raise failure("IO030", folder, text, hint)
    return [folder / name for name in masks]


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


def _match(folder: Path, scheme: FolderScheme) -> dict[int, Path]:
    """Find the file of every class by its name; every other mask is an error."""
    names = _names(folder, scheme)
    found: list[Diagnostic] = []
    files: dict[int, Path] = {}
    unknown = []
    for file in mask_files(folder):
        stem = _stem(file.name)
        if stem not in names:
            unknown.append(stem)
        elif names[stem] in files:
            text = f"`{file.name}` and `{files[names[stem]].name}` are the same class"
            found.append(problem("IO035", folder, text, "keep one of the two in the folder"))
        else:
            files[names[stem]] = file
    if unknown:
        found.append(_unknown(folder, unknown, names, scheme))
    if has_errors(found):
        raise DiagnosticError(found)
    return files


def _names(folder: Path, scheme: FolderScheme) -> dict[str, int]:
    names: dict[str, int] = {}
    for entry in scheme.entries:
        try:
            stem = _stem(scheme.folder.format(name=entry.name, integer=entry.integer))
        except (LookupError, ValueError, AttributeError):
            text = f"scheme `{scheme.name}` names its mask files `{scheme.folder}`"
            hint = "write `folder:` with `{name}` or `{integer}`, such as `{name}.nii.gz`"
            raise failure("IO036", folder, f"{text}, which is no pattern", hint) from None
        if names.setdefault(stem, entry.integer) != entry.integer:
            text = (
                f"scheme `{scheme.name}` cannot be read from a folder of masks: its classes "
                f"{names[stem]} and {entry.integer} would both be `{stem}.nii.gz`"
            )
            hint = "give each class a name of its own under `names:`, or one file with all labels"
            raise failure("IO036", folder, text, hint)
    return names


def _unknown(
    folder: Path, unknown: list[str], names: dict[str, int], scheme: FolderScheme
) -> Diagnostic:
    words = listing([f"`{stem}`" for stem in unknown])
    noun = "a mask" if len(unknown) == 1 else f"{len(unknown)} masks"
    text = f"scheme `{scheme.name}` does not know {noun} of this folder: {words}"
    hints = [(stem, suggest(stem, names)) for stem in unknown]
    known = [f"{stem}: {hint}" for stem, hint in hints if hint]
    hint = "; ".join(known[:3]) if known else "choose the scheme that the masks come from"
    return problem("IO031", folder, text, hint)


def _headers(files: dict[int, Path]) -> dict[int, VolumeHeader]:
    headers: dict[int, VolumeHeader] = {}
    found: list[Diagnostic] = []
    for integer, file in files.items():
        try:
            headers[integer] = read_header(file)
        except DiagnosticError as error:
            found += error.diagnostics
    if found:
        raise DiagnosticError(found)
    return headers


def _one_grid(files: dict[int, Path], headers: dict[int, VolumeHeader]) -> None:
    first = min(files)
    grid = headers[first].grid
    tolerance = GRID_TOLERANCE_VOXELS * min(grid.spacing_mm)
    found = []
    for integer in sorted(files):
        apart = grid.offset_mm(headers[integer].grid)
        if apart > tolerance:
            one, other = files[first].name, files[integer].name
            how = _how_different(grid, headers[integer].grid, apart)
            text = f"masks `{one}` and `{other}` are on different grids: {how}"
            hint = "masks of one folder belong to one prediction of one scan"
            found.append(problem("IO032", files[integer], text, hint))
    if found:
        raise DiagnosticError(found)


def _how_different(one: Grid, other: Grid, apart: float) -> str:
    if one.shape != other.shape:
        return " against ".join(" x ".join(str(n) for n in g.shape) for g in (one, other))
    return f"voxels up to {apart:.1f} mm apart"


def _check_values(mask: LabelVolume) -> None:
    """Refuse values other than 0 and 1, or 0 and 255."""
    largest = int(mask.array.max())
    if largest in (0, 1):
        return
    if largest in _ON and np.count_nonzero(mask.array) == np.count_nonzero(mask.array == largest):
        return
    values = np.flatnonzero(np.bincount(mask.array.ravel(order="K")))
    words = listing([str(value) for value in values if value])
    text = f"a mask of one class holds 0 and 1 (or 255); this one holds {words}"
    hint = "is this a file of several labels? give it instead of the folder"
    raise failure("IO033", mask.path, text, hint)


def _overlap_note(folder: Path, overlaps: tuple[Overlap, ...], scheme: FolderScheme) -> Diagnostic:
    names = {entry.integer: entry.name for entry in scheme.entries}
    largest = sorted(overlaps, key=lambda pair: -pair.voxels)
    words = [f"{names[p.winner]} over {names[p.loser]} {p.voxels:,}" for p in largest]
    total = plural(sum(pair.voxels for pair in overlaps), "voxel")
    text = f"masks overlap in {total}; the smaller class is kept: {listing(words)}"
    return problem("IO034", folder, text, severity="info")


def _stem(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            return name[: -len(suffix)]
    return name
