"""The fifth stage of reading: onto the grid of the case.

Exactly where possible, else only when allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.io_diagnostics import failure, listing, plural, problem
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.files.label_volume import LabelVolume
from vesalius.adapters.files.memory_order import in_fortran_order
from vesalius.adapters.files.resample import Resampled, nearest, triple
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

GRID_TOLERANCE_VOXELS = 0.1
"""Voxel centres of two grids that lie nowhere further apart than this share of the smallest voxel
edge are the same: header numbers are float32 and converters round, but half a voxel is a shift."""

How = Literal["same", "reoriented", "shifted", "trusted", "resampled"]


@dataclass(frozen=True, eq=False)
class AlignedVolume:
    """Labels on the target grid.

    Parameters
    ----------
    array : ndarray of uint8 or uint16, shape of the target
        Labels, 0 where the source has no opinion; Fortran order, read-only.
    how : {"same", "reoriented", "shifted", "trusted", "resampled"}
        Untouched; axes permuted or flipped; other field of view on the same lattice (also
        reoriented if need be); voxel for voxel, whatever their header says; nearest neighbour.
    lo, hi : tuple of int, shape (3,)
        Box of target voxels in the source's field of view, inclusive-exclusive.
    diagnostics : tuple of Diagnostic
        Warnings and notes.
    """

    array: Labels
    how: How
    lo: tuple[int, int, int]
    hi: tuple[int, int, int]
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, eq=False)
class _Lattice:
    """Source index to target index in whole steps: target[axes[a]] = sign[a] * source[a] + shift.

    `first` is the target index of the source's corner with the smallest target indices.
    """

    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    first: NDArray[np.int64]


def lies_on(source: Grid, target: Grid) -> bool:
    """Tell whether two grids have the same voxels in the same order."""
    if source.same_as(target):
        return True
    lattice = _lattice(source, target)
    if lattice is None or source.shape != target.shape or any(lattice.first):
        return False
    return lattice.axes == (0, 1, 2) and min(lattice.signs) > 0


def align(
    volume: LabelVolume, target: Grid, *, resample: bool = False, trust: bool = False
) -> AlignedVolume:
    """Bring a label volume onto a target grid; see `align_labels`."""
    return align_labels(
        volume.array, volume.grid, target, path=volume.path, resample=resample, trust=trust
    )


def align_labels(
    labels: Labels,
    source: Grid,
    target: Grid,
    *,
    path: str,
    resample: bool = False,
    trust: bool = False,
) -> AlignedVolume:
    """Bring labels onto a target grid.

    Parameters
    ----------
    labels : ndarray of uint8 or uint16, shape `source.shape`
        The labels.
    source, target : Grid
        Where they lie and where they are wanted.
    path : str
        The file, for messages.
    resample : bool
        Whether grids that do not share a lattice may be resampled by nearest neighbour.
    trust : bool
        Whether labels of the target's shape are taken voxel for voxel, whatever their own header
        says, where it does not place them on the target.

    Raises
    ------
    DiagnosticError
        IO040 other grid and resampling not allowed; IO042 no common voxel; IO045 equal shapes at
        two origins.
    """
    lattice = _lattice(source, target)
    if trust and source.shape == target.shape and not _on_it(lattice):
        return _trusted(labels, source, target, path)
    if lattice is not None:
        return _place(labels, source, target, lattice, path)
    if not resample:
        raise _different(source, target, path)
    return _resampled(labels, source, target, path)


def _lattice(source: Grid, target: Grid) -> _Lattice | None:
    """Find the whole-step map between two grids, or None where there is none."""
    linear = np.linalg.solve(target.affine[:3, :3], source.affine[:3, :3])
    axes = np.abs(linear).argmax(axis=0)
    if sorted(axes.tolist()) != [0, 1, 2]:
        return None
    signs = np.sign(linear[axes, np.arange(3)]).astype(np.int64)
    steps = np.zeros((3, 3))
    steps[axes, np.arange(3)] = signs
    sizes = np.array(source.shape)
    # Rounded at the middle, where a drift is half of what it is at the far end.
    middle = (sizes - 1) / 2
    shift = np.rint(target.to_ijk(source.to_mm(middle)) - steps @ middle)
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in source.shape])).reshape(3, -1).T
    apart = source.to_mm(corners) - target.to_mm(corners @ steps.T + shift)
    if np.linalg.norm(apart, axis=1).max() > _tolerance_mm(source, target):
        return None
    first = shift.astype(np.int64)
    first[axes] -= np.where(signs < 0, sizes - 1, 0)
    return _Lattice(triple(axes), triple(signs), first)


def _tolerance_mm(source: Grid, target: Grid) -> float:
    return GRID_TOLERANCE_VOXELS * min(*source.spacing_mm, *target.spacing_mm)


def _place(
    labels: Labels, source: Grid, target: Grid, lattice: _Lattice, path: str
) -> AlignedVolume:
    turned = labels.transpose([lattice.axes.index(axis) for axis in range(3)])
    backwards = [lattice.signs[lattice.axes.index(axis)] < 0 for axis in range(3)]
    turned = turned[tuple(slice(None, None, -1 if back else 1) for back in backwards)]
    moved = any(lattice.first) or turned.shape != target.shape
    lo = np.maximum(lattice.first, 0)
    hi = np.minimum(lattice.first + turned.shape, target.shape)
    if moved and turned.shape == target.shape:
        # Another field of view has another shape; two of one size are not cut from one scan.
        raise _lost_origin(source, target, path)
    if sorted(turned.shape) == sorted(target.shape) and moved:
        raise _different(source, target, path)
    if np.any(lo >= hi):
        raise _apart(source, target, path)
    if not moved:
        straight = lattice.axes == (0, 1, 2) and not any(backwards)
        whole = in_fortran_order(turned)
        whole.setflags(write=False)
        return AlignedVolume(whole, "same" if straight else "reoriented", (0, 0, 0), target.shape)
    out = np.zeros(target.shape, labels.dtype, order="F")
    inner = tuple(slice(a, b) for a, b in zip(lo - lattice.first, hi - lattice.first, strict=True))
    out[tuple(slice(a, b) for a, b in zip(lo, hi, strict=True))] = turned[inner]
    out.setflags(write=False)
    before, after = _histogram(labels), _histogram(out)
    coverage = float(np.prod(hi - lo)) / target.size
    cut, lost = int(before[1:].sum() - after[1:].sum()), _lost(before, after)
    told = _field_of_view(path, coverage, cut, lost)
    return AlignedVolume(out, "shifted", triple(lo), triple(hi), (told,))


def _on_it(lattice: _Lattice | None) -> bool:
    """Tell whether labels of the target's shape lie on the target, turned perhaps."""
    return lattice is not None and not any(lattice.first)


def _trusted(labels: Labels, source: Grid, target: Grid, path: str) -> AlignedVolume:
    whole = in_fortran_order(labels)
    whole.setflags(write=False)
    text = (
        "the labels are taken voxel for voxel onto the grid of the image, as was asked; their own "
        f"header puts voxels up to {source.offset_mm(target):.3g} mm off"
    )
    told = problem("IO046", path, text, severity="warning")
    return AlignedVolume(whole, "trusted", (0, 0, 0), target.shape, (told,))


def _resampled(labels: Labels, source: Grid, target: Grid, path: str) -> AlignedVolume:
    result: Resampled = nearest(labels, source, target)
    if not result.covered_voxels:
        raise _apart(source, target, path)
    result.array.setflags(write=False)
    lost = _lost(_histogram(labels), _histogram(result.array))
    text = (
        f"labels of {_size(source)} were resampled onto {_size(target)} by nearest neighbour "
        f"and cover {_share(result.covered_voxels / target.size)} of it"
    )
    if lost:
        text += f"; nothing is left of {_labels(lost)}"
    told = problem("IO041", path, text, severity="warning")
    return AlignedVolume(result.array, "resampled", result.lo, result.hi, (told,))


def _field_of_view(path: str, coverage: float, cut: int, lost: tuple[int, ...]) -> Diagnostic:
    text = f"the labels cover {_share(coverage)} of the image"
    if cut:
        text += f"; {plural(cut, 'labelled voxel')} outside it are left out"
    if lost:
        text += f", and with them all of {_labels(lost)}"
    if not cut:
        return problem("IO043", path, text, severity="info")
    hint = "are they of this scan, and is the origin of both right?"
    return problem("IO043", path, text, hint, severity="warning")


def _share(coverage: float) -> str:
    """Give a percentage that says neither all nor nothing where it is not."""
    return "all" if coverage == 1 else f"{min(max(coverage, 0.001), 0.999):.1%}"


def _labels(labels: tuple[int, ...]) -> str:
    noun = "label" if len(labels) == 1 else "labels"
    return f"{noun} {listing([str(label) for label in labels])}"


def _different(source: Grid, target: Grid, path: str) -> DiagnosticError:
    middles = [grid.to_mm((np.array(grid.shape) - 1) / 2) for grid in (source, target)]
    apart = float(np.linalg.norm(middles[0] - middles[1]))
    tolerance_mm = _tolerance_mm(source, target)
    text = (
        f"labels and image are on different grids: {_size(source)} against {_size(target)}, "
        f"their middles {apart:.1f} mm apart (voxel centres up to {tolerance_mm:.2g} mm apart "
        "would count as the same)"
    )
    hint = "are they of one scan? then `--resample` takes the nearest voxel of the labels"
    if source.shape == target.shape:
        hint = (
            "are their voxels the same, and was only a header rounded or lost? then "
            f"`--trust-image-geometry` takes them as they are; {hint}"
        )
    elif sorted(source.shape) == sorted(target.shape):
        hint = (
            "the same sizes in another order: were the axes exchanged, as where an array in the "
            "order z, y, x was written? Turn it with `numpy.transpose` and write it with the "
            "affine of the image"
        )
    return failure("IO040", path, text, hint)


def _apart(source: Grid, target: Grid, path: str) -> DiagnosticError:
    text = f"labels ({_size(source)}) and image ({_size(target)}) have no voxel in common"
    return failure("IO042", path, text, "check that both are of one scan")


def _lost_origin(source: Grid, target: Grid, path: str) -> DiagnosticError:
    middles = [grid.to_mm((np.array(grid.shape) - 1) / 2) for grid in (source, target)]
    away = [f"{mm:.4g}" for mm in middles[0] - middles[1]]
    text = (
        f"labels and image have the same shape ({_size(source)}), and the labels lie "
        f"({', '.join(away)}) mm off; the origin of one of them was lost"
    )
    hint = (
        "if their voxels belong together, `--trust-image-geometry` takes them so; if both are "
        "crops, crop them alike"
    )
    return failure("IO045", path, text, hint)


def _size(grid: Grid) -> str:
    voxels = " x ".join(str(n) for n in grid.shape)
    spacing = " x ".join(f"{mm:.4g}" for mm in grid.spacing_mm)
    return f"{voxels} voxels of {spacing} mm"


def _histogram(labels: Labels) -> NDArray[np.int64]:
    counts = np.zeros(np.iinfo(labels.dtype).max + 1, np.int64)
    for k in range(labels.shape[2]):
        plane = labels[:, :, k]
        # Most planes of most labels are largely empty, and counting is slower than skipping.
        labelled = plane[plane != 0]
        counts += np.bincount(labelled, minlength=counts.size)
        counts[0] += plane.size - labelled.size
    return counts


def _lost(before: NDArray[np.int64], after: NDArray[np.int64]) -> tuple[int, ...]:
    gone = np.flatnonzero((before > 0) & (after == 0))
    return tuple(int(label) for label in gone if label)
