"""Amounts: volumes, their ratio, and mean Hounsfield values."""

from __future__ import annotations

from vesalius.engine.context import Context
from vesalius.engine.expect.about import cut_reasons, label_faults, label_verdict, some_names
from vesalius.engine.intensity import label_sums
from vesalius.engine.steps import MeanHu, Volume, VolumeRatio
from vesalius.engine.verdict import Finding, Values, Verdict, in_ml


def judge_volume(expect: Volume, context: Context) -> Verdict:
    """Find labels that are too small or too large.

    An absent label is neither. A label cut by the border of the scan is not judged; where
    `joint`, nothing can be said if one of them is cut. Each label at fault is one part.
    """
    present = context.present(expect.labels)
    counts = context.voxels(present)
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[str] = []
    cut = cut_reasons(present, context)
    if expect.joint:
        if cut:
            return Verdict(missing="; ".join(cut.values()))
        fault = _volume_fault(expect, sum(counts.values()), context) if present else None
        if fault is None:
            return Verdict()
        voxels = sum(counts.values())
        ml = in_ml(context.work.grid, voxels)
        finding = Finding(fault[0], tuple(sorted(present)), voxels, ml, values=fault[1])
        return Verdict((finding,), label_faults(present, context))
    judged = 0
    for label in present:
        if label in cut:
            unsaid.append(cut[label])
            continue
        judged += 1
        fault = _volume_fault(expect, counts[label], context)
        if fault is not None:
            wrong.append((label, *fault))
    return label_verdict(wrong, judged, unsaid, context)


def _volume_fault(expect: Volume, voxels: int, context: Context) -> tuple[str, Values] | None:
    """Return what is wrong with a volume, None where nothing is."""
    ml = ("ml", in_ml(context.work.grid, voxels))
    if expect.at_least_ml is not None and context.below_ml(voxels, expect.at_least_ml):
        return "too small", (ml, ("at_least_ml", expect.at_least_ml))
    if expect.at_most_ml is not None and context.above_ml(voxels, expect.at_most_ml):
        return "too large", (ml, ("at_most_ml", expect.at_most_ml))
    return None


def judge_volume_ratio(expect: VolumeRatio, context: Context) -> Verdict:
    """Compare the volume of some labels with that of others.

    Nothing can be said unless some of both are present and all those are uncut. The finding is
    about all of them, and there are no parts: which of the two is wrong is not known.
    """
    first, second = context.present(expect.labels), context.present(expect.others)
    for found, wanted in ((first, expect.labels), (second, expect.others)):
        if not found:
            return Verdict(missing=f"absent: {some_names(wanted, context)}")
    cut = cut_reasons((*first, *second), context)
    if cut:
        return Verdict(missing="; ".join(cut.values()))
    above = sum(context.voxels(first).values())
    below = sum(context.voxels(second).values())
    ratio = above / below
    values: Values = (("ratio", ratio),)
    if expect.at_least is not None and ratio < expect.at_least:
        kind, values = "too small a ratio", (*values, ("at_least", expect.at_least))
    elif expect.at_most is not None and ratio > expect.at_most:
        kind, values = "too large a ratio", (*values, ("at_most", expect.at_most))
    else:
        return Verdict()
    labels = tuple(sorted({*first, *second}))
    return Verdict((Finding(kind, labels, values=values),))


def judge_mean_hu(expect: MeanHu, context: Context) -> Verdict:
    """Find labels whose mean Hounsfield value is too low or too high.

    An absent label is neither. Values that are not finite do not count, and nothing can be said
    about a label that has no others. Each label at fault is one part.

    Raises
    ------
    Missing
        If there is no image.
    """
    image = context.the_image()
    present = context.present(expect.labels)
    sums = context.cached(
        "hu", tuple(sorted(present)), lambda: label_sums(context.part(present), image)
    )
    wrong: list[tuple[int, str, Values]] = []
    unsaid: list[str] = []
    judged = 0
    for label in present:
        mean = sums.mean(label)
        if mean is None:
            unsaid.append(f"the image has no value in {context.name(label)}")
            continue
        judged += 1
        figure = ("mean_hu", round(mean, 6))
        if expect.at_least_hu is not None and mean < expect.at_least_hu:
            wrong.append((label, "too dark", (figure, ("at_least_hu", expect.at_least_hu))))
        elif expect.at_most_hu is not None and mean > expect.at_most_hu:
            wrong.append((label, "too bright", (figure, ("at_most_hu", expect.at_most_hu))))
    return label_verdict(wrong, judged, unsaid, context)
