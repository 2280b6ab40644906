"""The compiled kernels, where they are there; the numpy code of this folder gives the same answers.

``VESALIUS_KERNELS=off`` in the environment leaves them out.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

VARIABLE = "VESALIUS_KERNELS"
SOURCES = (
    "_kernels.c",
    "_columns.h",
    "_distances.h",
    "_encode.h",
    "_merge.h",
    "_neighbours.h",
    "_sweeps.h",
    "_surfaces.h",
)


def _load() -> ModuleType | None:
    """Return the compiled module; None where it was not built or is not wanted."""
    if os.environ.get(VARIABLE, "").lower() == "off":
        return None
    try:
        from vesalius.engine.runs import _kernels  # noqa: PLC0415 - may not be built
    except ImportError:
        return None
    return None if is_stale(_kernels.__file__) else _kernels


def is_stale(built: str) -> bool:
    """Tell whether a module was built from an older source than those beside it.

    Only a development tree has sources beside it; there `make links` builds it anew.
    """
    folder = os.path.dirname(built)
    made = os.stat(built).st_mtime
    for source in SOURCES:
        # An installation has none.
        with suppress(OSError):
            if os.stat(os.path.join(folder, source)).st_mtime > made:
                return True
    return False


compiled: ModuleType | None = _load()
"""The compiled module, None where numpy does its work."""


def in_use() -> str:
    """Say which kernels are used."""
    return "numpy" if compiled is None else "compiled"


def takes_voxels(flat: NDArray[Any]) -> bool:
    """Tell whether the kernels read and write voxels of this type as they lie in memory."""
    plain = flat.dtype.kind == "u" and flat.dtype.itemsize <= 2
    return plain and flat.dtype.isnative and bool(flat.flags.c_contiguous)
