"""What labels show about the image beneath them: a shifted scale, and places without data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.briefs import SchemeBrief
from vesalius.adapters.cases.case_image import CaseImage
from vesalius.adapters.cases.loaded import LoadedCase
from vesalius.adapters.files.hounsfield import figure, has_air, no_hounsfield, padding_of
from vesalius.adapters.files.io_diagnostics import listing, plural, problem
from vesalius.engine.runs.intensity import LARGEST_VALUE
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.engine.runs.median import median
from vesalius.engine.runs.sample import in_window
from vesalius.ontology.reading.diagnostics import Diagnostic

_MOST_RUNS: Final = 100_000
_SHOWN: Final = 20
_FEWEST_RUNS: Final = 5
"""Runs of a label from whose middles a median is taken."""


@dataclass(frozen=True)
class _Known:
    """What is declared of one label: its structure and the mean values that it may have."""

    name: str
    at_least_hu: float
    at_most_hu: float


def shift_doubt(loaded: LoadedCase, schemes: Mapping[str, SchemeBrief]) -> Diagnostic | None:
    """Say that values would fit the labels if all were moved by one number, or that none is a CT's.

    Labels that lie elsewhere, or are of another patient, have values of everything; only a shift
    of the scale leaves all structures off by the same. An MR image has no air, and values that
    no soft tissue has; a crop of a CT has no air either, but labels that lie elsewhere in it lie in
    fat, muscle and organs.

    Returns
    -------
    Diagnostic or None
        IO019, a warning.
    """
    image = loaded.image
    if not isinstance(image, CaseImage) or loaded.image_path is None:
        return None
    seen: list[float] = []
    ranges: list[tuple[float, float]] = []
    for source in loaded.predictions:
        known = _declared(schemes[source.token])
        for label, middle in _medians(source.labels, image):
            if label in known:
                seen.append(middle)
                ranges.append((known[label].at_least_hu, known[label].at_most_hu))
    if len(seen) < figure("fewest_structures"):
        return None
    values, (low, high) = np.array(seen), np.array(ranges).T
    step = figure("shift_step_hu")
    shifts = np.arange(-figure("largest_shift_hu"), figure("largest_shift_hu") + step, step)
    fits = ((values - shifts[:, None] >= low) & (values - shifts[:, None] <= high)).mean(axis=1)
    fit = (values >= low) & (values <= high)
    as_it_is = float(fit.mean())
    best = float(fits.max())
    soft = (values >= figure("soft_from_hu")) & (values <= figure("soft_to_hu"))
    strange = ~fit & ~soft
    if strange.mean() >= figure("strange_share") and not has_air(image.voxels):
        how = (
            f"{np.count_nonzero(strange)} of {len(seen)} structures have values as never, "
            "and there is no air"
        )
        return no_hounsfield(loaded.image_path, how)
    if best < figure("shifted_share") or best - as_it_is < figure("shift_gain"):
        return None
    # The middle of all shifts that fit as well.
    by = median(shifts[fits == best])
    how = (
        f"{round(best * len(seen))} of {len(seen)} structures have values as they should if "
        f"{abs(by):g} is {'taken off' if by > 0 else 'added'}, and {round(as_it_is * len(seen))} "
        "as it is: shifted"
    )
    return no_hounsfield(loaded.image_path, how)


def without_data(
    loaded: LoadedCase, schemes: Mapping[str, SchemeBrief], are_hu: bool = True
) -> list[Diagnostic]:
    """Count the labelled voxels in which the image holds no value, or padding.

    Parameters
    ----------
    loaded : LoadedCase
        Labels and image.
    schemes : mapping of str to SchemeBrief
        By token.
    are_hu : bool
        Whether the values are Hounsfield units; else of padding nothing is said.

    Returns
    -------
    list of Diagnostic
        IO047, warnings: at most one for what is no value and one for padding, of each source.
    """
    are_hu = are_hu and loaded.image is not None
    image = loaded.image or loaded.doubted_image
    if not isinstance(image, CaseImage) or loaded.image_path is None:
        return []
    found = []
    voxels = image.voxels
    no_number = voxels.without_number()
    padding = padding_of(voxels) if are_hu else None
    for source in loaded.predictions:
        known = _declared(schemes[source.token])
        names = {entry.integer: entry.name for entry in schemes[source.token].entries}
        if no_number:
            valued = in_window(source.labels, image, -LARGEST_VALUE, LARGEST_VALUE)
            lacks = _counts(source.labels) - _counts(valued, source.labels.largest)
            text = (
                f"the image holds no value (NaN, infinity or beyond {LARGEST_VALUE:,.0f}) in "
                f"{plural(no_number, 'voxel')}, "
                f"{no_number / voxels.stored.size:.1%} of it"
            )
            found.append(_told(loaded.image_path, text, lacks, source.labels, names, 0.0))
        if padding is not None:
            held = in_window(source.labels, image, padding, padding)
            lacks = _counts(held, source.labels.largest)
            for label in np.flatnonzero(lacks).tolist():
                if not _never(padding, known.get(label)):
                    lacks[label] = 0
            if lacks.any():
                text = f"the image is padded with {padding:g}"
                least = figure("lacking_share")
                found.append(_told(loaded.image_path, text, lacks, source.labels, names, least))
    return list(dict.fromkeys(each for each in found if each is not None))


def _told(
    path: str,
    text: str,
    lacks: NDArray[np.int64],
    labels: LabelMap,
    names: Mapping[int, str],
    least: float,
) -> Diagnostic | None:
    counts = _counts(labels)
    rows = [
        (int(lacks[label]), int(counts[label]), names.get(label, str(label)))
        for label in np.flatnonzero(lacks).tolist()
        if lacks[label] >= least * counts[label]
    ]
    if not rows:
        return None if least else problem("IO047", path, f"{text}; no label", severity="warning")
    rows.sort(key=lambda row: (-row[0], row[2]))
    words = [f"{name} {lack:,} of {count:,} voxels" for lack, count, name in rows]
    hint = "labels there were guessed by the model"
    if not least:
        hint += "; rules about density skip what lacks too much"
    text = f"{text}; without data lie {listing(words, _SHOWN)}"
    return problem("IO047", path, text, hint, severity="warning")


def _never(padding: float, known: _Known | None) -> bool:
    """Tell whether a structure never has the value of the padding."""
    if known is None:
        return padding < figure("emptiest_hu")
    return padding <= known.at_least_hu - figure("padding_margin_hu")


def _counts(labels: LabelMap, largest: int | None = None) -> NDArray[np.int64]:
    size = (labels.largest if largest is None else largest) + 1
    counts = np.bincount(labels.label, weights=labels.lengths, minlength=size)
    return counts.astype(np.int64)


def _declared(scheme: SchemeBrief) -> dict[int, _Known]:
    """Give the range of mean values of each integer that stands for one structure."""
    return {
        entry.integer: _Known(entry.structures[0], *entry.hu)
        for entry in scheme.entries
        if entry.hu is not None
    }


def _medians(labels: LabelMap, image: CaseImage) -> Iterator[tuple[int, float]]:
    """Give the median of the values in the middles of each label's runs."""
    step = max(1, len(labels) // _MOST_RUNS)
    middle = (labels.start[::step].astype(np.int64) + labels.stop[::step]) // 2
    fast, between, _ = labels.shape_in_memory
    at = (middle % fast, middle // fast % between, middle // (fast * between))
    ijk = tuple(at[labels.axes.index(axis)] for axis in range(3))
    values = image.voxels.values_at(ijk)
    chosen = labels.label[::step]
    good = np.abs(values) <= LARGEST_VALUE
    for label in np.unique(chosen[good]).tolist():
        own = values[good & (chosen == label)]
        if own.size >= _FEWEST_RUNS:
            yield label, median(own)
