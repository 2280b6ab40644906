"""One of several sources of a case that is mirrored, moved, out of scale or of another patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint16]
Change = Callable[[Array, Sequence[float]], Array]

AXES: Final = ("left-right", "front-back", "head-foot")


def moved(array: Array, size_mm: Sequence[float], *, axis: int, mm: float) -> Array:
    """Move along an array axis, to whole voxels; what leaves the scan is lost."""
    by = round(mm / size_mm[axis])
    out, into, source = np.zeros_like(array), [slice(None)] * 3, [slice(None)] * 3
    into[axis] = slice(by, None) if by > 0 else slice(None, by or None)
    source[axis] = slice(None, -by or None) if by > 0 else slice(-by, None)
    out[tuple(into)] = array[tuple(source)]
    return out


def scaled(array: Array, size_mm: Sequence[float], *, times: float) -> Array:
    """Make larger or smaller about the middle of the grid."""
    del size_mm
    for axis, n in enumerate(array.shape):
        middle = (n - 1) / 2
        at = np.rint((np.arange(n) - middle) / times + middle).astype(int)
        inside = (at >= 0) & (at < n)
        array = np.take(array, np.clip(at, 0, n - 1), axis=axis)
        shape = [1, 1, 1]
        shape[axis] = n
        array = array * inside.reshape(shape)
    return array.astype(np.uint16)


def flipped(array: Array, size_mm: Sequence[float], *, axis: int) -> Array:
    """Turn an axis of the array round."""
    del size_mm
    return np.flip(array, axis)


def on_grid_of(array: Array, shape: Sequence[int]) -> Array:
    """Lay the middle of a map onto the middle of another grid."""
    out = np.zeros(shape, dtype=np.uint16)
    both = [min(a, b) for a, b in zip(array.shape, shape, strict=True)]
    into, source = (
        tuple(slice((n - k) // 2, (n - k) // 2 + k) for n, k in zip(of, both, strict=True))
        for of in (shape, array.shape)
    )
    out[into] = array[source]
    return out


CHANGES: Final[Mapping[str, Change]] = {
    **{
        f"moved {mm:+d} mm {AXES[axis]}": partial(moved, axis=axis, mm=mm)
        for mm in (5, 10, 20, -20, 40, -40, 60)
        for axis in range(3)
    },
    **{f"{times} times as large": partial(scaled, times=times) for times in (0.2, 0.5, 0.8, 1.3)},
    **{
        name: partial(flipped, axis=axis)
        for axis, name in enumerate(("mirrored", "front to back", "upside down"))
    },
}
"""What becomes of the array of one source, with voxels of these sizes in mm."""

BONES: Final = ("vertebrae", "rib_", "sacrum", "hip", "femur", "humerus", "scapula", "clavicula",
                "skull", "sternum", "costal")  # fmt: skip
MUSCLES: Final = ("gluteus", "autochthon", "iliopsoas")
VESSELS: Final = ("aorta", "inferior_vena", "superior_vena", "portal", "iliac_artery", "iliac_vena",
                  "brachiocephalic", "subclavian", "common_carotid", "pulmonary_v")  # fmt: skip


def system_of(name: str) -> str:
    """Give the system of a structure of totalsegmentator_v2, as models are split by."""
    for system, starts in (("bones", BONES), ("muscles", MUSCLES), ("vessels", VESSELS)):
        if name.startswith(starts):
            return system
    return "lungs" if name.startswith("lung_") else "organs"


SPLITS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "bones | all else": (("bones",), ("organs", "lungs", "vessels", "muscles")),
    "organs | bones": (("organs",), ("bones",)),
    "organs and vessels | bones and muscles | lungs": (
        ("organs", "vessels"), ("bones", "muscles"), ("lungs",),
    ),
    "organs | bones | lungs | vessels | muscles": (
        ("organs",), ("bones",), ("lungs",), ("vessels",), ("muscles",),
    ),
    "organs | all": (("organs",), ("organs", "bones", "lungs", "vessels", "muscles")),
    "organs and vessels | organs and lungs | organs and bones": (
        ("organs", "vessels"), ("organs", "lungs"), ("organs", "bones"),
    ),
}  # fmt: skip
"""What each source of a case has; of the last two several have the same."""
