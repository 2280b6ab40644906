"""Turn stored numbers into labels 0..65535, block by block, and say which cannot be."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.io_diagnostics import listing, plural, problem
from vesalius.ontology.reading.diagnostics import Diagnostic

LARGEST_LABEL = 65535
FLOAT_TOLERANCE = 0.005
"""So far labels may be from whole numbers where they were stored as floats, which have no step of
their own."""
LARGEST_STEP_TOLERANCE = 0.25
"""A file whose steps are so coarse that half of one is more cannot tell labels apart."""
_SLOPE_ERROR = 1e-6
"""Of a value, for a slope that is stored as float32."""
FEW_VALUES = 20
"""A label file has few wrong values; with more of them it is probably the image."""

_WHAT_MINUS_ONE_IS = (
    "is -1 what nobody labelled? Write a number that no class has, and that number with `ignore` "
    "into the scheme"
)

Labels: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Arrays of uint8 or uint16."""


class LabelScan:
    """Convert and check the voxels of one file.

    Parameters
    ----------
    path : str or Path
        The file, for messages.
    shape : tuple of int, shape (3,)
        To turn positions (first axis fastest) into voxel indices.
    slope, inter : float
        Voxel value = slope * stored + inter.
    """

    def __init__(
        self, path: str | Path, shape: tuple[int, int, int], slope: float, inter: float
    ) -> None:
        self._path = path
        self._shape = shape
        self._slope, self._inter = slope, inter
        self._rounded = 0
        self._fractions = _Findings()
        self._not_finite = _Findings()
        self._too_large = _Findings()
        self._negative: Counter[int] = Counter()
        self._signed_bytes = False

    def convert(self, block: NDArray[Any], first: int, out: NDArray[np.uint16]) -> None:
        """Write the labels of a block, shape (n,), whose first voxel has position `first`."""
        values = block
        if (self._slope, self._inter) != (1.0, 0.0):
            with np.errstate(all="ignore"):
                scaled = block.astype(np.float64) * self._slope + self._inter
                values = self._round(scaled, stepped=block.dtype.kind in "iu")
        with np.errstate(invalid="ignore"):
            # A value that is no label changes in this cast, so comparing finds every one.
            out[...] = values.astype(np.uint16)
            if np.array_equal(out, values):
                return
            if values is block and block.dtype.kind == "f":
                # What a program computed with: 1.0000001 is the label 1.
                values = self._round(block.astype(np.float64), stepped=False)
                out[...] = values.astype(np.uint16)
        if not np.array_equal(out, values):
            self._explain(values, first)

    def check_signed(self, block: NDArray[Any], first: int) -> None:
        """Look for negative numbers in labels that need no conversion."""
        if block.size and int(block.min()) < 0:
            self._signed_bytes = block.dtype == np.int8
            self._explain(block, first)

    def diagnostics(self) -> list[Diagnostic]:
        """Give every problem found, one message per kind."""
        found = []
        if self._not_finite.count:
            text = f"{_hold(self._not_finite.count)} NaN or infinity"
            hint = "labels are whole numbers; write 0 where there is none"
            found.append(problem("IO021", self._path, text + self._where(self._not_finite), hint))
        if self._fractions.count:
            text = f"{_hold(self._fractions.count)} fractions, not whole numbers"
            hint = "resample labels by nearest neighbour; of probabilities take the likeliest class"
            found.append(problem("IO020", self._path, text + self._where(self._fractions), hint))
        if self._negative:
            found.append(self._negative_problem())
        if self._too_large.count:
            text = f"{_hold(self._too_large.count)} labels above {LARGEST_LABEL}"
            hint = f"number the classes within 0..{LARGEST_LABEL}"
            found.append(problem("IO023", self._path, text + self._where(self._too_large), hint))
        if (self._slope, self._inter) != (1.0, 0.0):
            found.insert(0, self._scaling())
        elif self._rounded and not found:
            text = f"the file stores fractions: {self._rounding()}"
            hint = "write label files as uint8 or uint16"
            found.append(problem("IO016", self._path, text, hint, severity="warning"))
        return found

    def _scaling(self) -> Diagnostic:
        """Tell of a scaling: labels are numbers of classes, and nothing is measured in them."""
        added = f", scl_inter {self._inter:g}" if self._inter else ""
        text = f"the file scales its labels (scl_slope {self._slope:g}{added})"
        text += f": {self._rounding()}" if self._rounded else ", and other numbers are stored"
        hint = "write label files without scaling"
        return problem("IO016", self._path, text, hint, severity="warning")

    def _rounding(self) -> str:
        return f"{plural(self._rounded, 'voxel')} had to be rounded to whole numbers"

    def _round(self, values: NDArray[np.float64], *, stepped: bool) -> NDArray[np.float64]:
        """Round what is a whole number up to half a step of the stored ones."""
        nearest = np.rint(values)
        distance = np.abs(values - nearest)
        # NaN compares false and stays what it is.
        half_step: float | NDArray[np.float64] = FLOAT_TOLERANCE
        if stepped:
            half_step = min(abs(self._slope) / 2, LARGEST_STEP_TOLERANCE)
        if self._slope != 1.0:
            half_step = half_step + _SLOPE_ERROR * np.abs(values)
        near = distance <= half_step
        self._rounded += int(np.count_nonzero(near & (distance > 0)))
        return np.where(near, nearest, values)

    def _explain(self, values: NDArray[Any], first: int) -> None:
        finite = np.isfinite(values)
        whole = finite & (np.rint(values) == values)
        self._not_finite.add(~finite, values, first)
        self._fractions.add(finite & ~whole, values, first)
        self._too_large.add(whole & (values > LARGEST_LABEL), values, first)
        labels, counts = np.unique(values[whole & (values < 0)], return_counts=True)
        for label, count in zip(labels.tolist(), counts.tolist(), strict=True):
            self._negative[int(label)] += count

    def _negative_problem(self) -> Diagnostic:
        ordered = sorted(self._negative.items(), key=lambda item: (-item[1], item[0]))
        words = [f"{label} ({plural(count, 'voxel')})" for label, count in ordered]
        hint = "labels are 0 for background and positive numbers for classes"
        if self._signed_bytes:
            first = ordered[0][0]
            hint = (
                f"the file stores signed bytes, which end at 127: {first} would be {first + 256}; "
                "write it again as uint8 (or uint16)"
            )
        elif len(ordered) > FEW_VALUES:
            hint = "is this the image? its labels are a file of their own"
        elif [*self._negative] == [-1]:
            hint = _WHAT_MINUS_ONE_IS
            if 2 * self._negative[-1] > math.prod(self._shape):
                hint = "is -1 the background? Then all labels are one too low: add 1 to every voxel"
        return problem("IO022", self._path, f"negative labels: {listing(words)}", hint)

    def _where(self, findings: _Findings) -> str:
        index = np.unravel_index(findings.first, self._shape, order="F")
        place = ", ".join(str(int(i)) for i in index)
        number = findings.value
        words = f"{number:.6g}"
        if number.is_integer() and abs(number) < 1e15:
            words = f"{number:.0f}"
        elif math.isfinite(number) and float(words).is_integer():
            # Six digits would show a label where there is none.
            words = repr(number)
        return f"; the first is {words} at voxel ({place})"


def _hold(count: int) -> str:
    return f"{plural(count, 'voxel')} {'holds' if count == 1 else 'hold'}"


class _Findings:
    """How many voxels have one kind of problem, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 0
        self.value = 0.0

    def add(self, mask: NDArray[np.bool_], values: NDArray[Any], first: int) -> None:
        places = np.flatnonzero(mask)
        if not places.size:
            return
        if not self.count:
            self.first = first + int(places[0])
            self.value = float(values[places[0]])
        self.count += places.size
