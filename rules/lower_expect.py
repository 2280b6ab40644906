"""Expectations as written to expectations of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vesalius.engine import steps as eng
from vesalius.rules import expect_models as w
from vesalius.rules.directions import DIRECTIONS
from vesalius.rules.lower_context import Lowering
from vesalius.rules.lower_numbering import (
    Lowered,
    lower_agrees,
    lower_counted,
    lower_numbered,
    lower_undivided,
    no_direction,
)

NO_FOR: Final = (
    w.OrderedExpect,
    w.ContiguousExpect,
    w.CountedExpect,
    w.NumberedExpect,
    w.PlausibleExpect,
)
"""Forms that name their structures themselves, `ordered: mirror` excepted."""

PLACED: Final = (w.WithinExpect, w.OutsideExpect, w.OwnSideExpect, w.AbsentExpect)
"""Forms, besides the word `absent`, that are judged per component or per voxel."""


def lower_expect(form: w.ExpectForm, context: Lowering) -> Lowered:
    """Give the expectations of a rule, one for each structure whose bounds differ.

    Parameters
    ----------
    form : ExpectForm
        As written.
    context : Lowering
        The rule; takes errors and what is lacking.

    Returns
    -------
    tuple of Expect
        Empty where the rule cannot act.
    """
    return _LOWER[type(form)](form, context)


def names_its_own(form: w.ExpectForm) -> bool:
    """Tell whether a form names its structures itself, so that `for` is out of place."""
    mirrored = isinstance(form, w.OrderedExpect) and form.ordered == "mirror"
    return isinstance(form, NO_FOR) and not mirrored


def is_absent(form: w.ExpectForm | None) -> bool:
    """Tell whether a form expects absence."""
    word = isinstance(form, w.WordExpect) and form.root == "absent"
    return word or isinstance(form, w.AbsentExpect)


def _word(form: w.WordExpect, context: Lowering) -> Lowered:
    if form.root == "absent":
        return _absence(0.0, context)
    labels = context.judged()
    return (eng.Present(labels, all_of=True),) if labels else ()


def _absent(form: w.AbsentExpect, context: Lowering) -> Lowered:
    return _absence(form.absent.at_most_ml, context)


def _absence(at_most_ml: float, context: Lowering) -> Lowered:
    rule, labels = context.rule, context.judged()
    region = () if rule.where is None else context.region(rule.where, "where")
    if not labels or region is None:
        return ()
    return (eng.Absent(labels, region, rule.per, at_most_ml),)


def _present(form: w.PresentExpect, context: Lowering) -> Lowered:
    labels = context.judged()
    return (eng.Present(labels, all_of=form.present == "all"),) if labels else ()


def _components(form: w.ComponentsExpect, context: Lowering) -> Lowered:
    labels, limits = context.judged(), form.components
    if not labels:
        return ()
    shares = limits.share_of_largest
    return (
        eng.Pieces(
            labels=labels,
            at_most=limits.at_most,
            at_least=limits.at_least,
            joint=limits.together,
            connectivity=limits.connectivity,
            ignore_below_ml=limits.ignore_below_ml,
            at_least_share=(shares.at_least or 0.0) if shares else 0.0,
            at_most_share=shares.at_most if shares else None,
            spare_near_mm=limits.spare_near_mm,
            spare_lone=limits.spare_lone,
            spare_border_mm=limits.spare_border_mm,
            touching_share=limits.touching_share,
        ),
    )


def _own_side(form: w.OwnSideExpect, context: Lowering) -> Lowered:
    plane = context.sided_plane(form.on_own_side, "expect", "on_own_side")
    if context.rule.structures and not context.mirror_pairs(context.rule.structures):
        no_mirror(context, "for")
    pairs = context.label_pairs(context.rule.structures)
    if plane is None or not pairs:
        return ()
    anchor, left_first = plane
    ordered = pairs if left_first else tuple((right, left) for left, right in pairs)
    whole = (
        () if form.whole_only is None else context.select(form.whole_only, "expect", "whole_only")
    )
    own = eng.OnOwnSide(
        ordered,
        anchor,
        context.rule.per,
        form.whole_share,
        form.leave_unsure,
        form.near_mirror_mm,
        form.images_mm,
        tuple(sorted({label for pair in pairs for label in pair} & set(whole))),
    )
    return (own,)


def no_mirror(context: Lowering, *at: str | int) -> None:
    """Report that none of the rule's structures has a mirror."""
    message = "none of these structures has one on the other side"
    context.scope.report("RUL013", message, context.path(*at), "select structures with a `mirror`")


def _within(form: w.WithinExpect, context: Lowering) -> Lowered:
    region = context.region(form.within, "expect", "within")
    return _located(region, True, form.share, context)


def _outside(form: w.OutsideExpect, context: Lowering) -> Lowered:
    region = context.region(form.outside, "expect", "outside")
    return _located(region, False, form.share, context)


def _located(region: eng.Region | None, inside: bool, share: float, context: Lowering) -> Lowered:
    labels = context.judged()
    if region is None or not labels:
        return ()
    return (eng.Located(labels, region, inside, context.rule.per, share),)


def _ordered(form: w.OrderedExpect, context: Lowering) -> Lowered:
    if form.ordered == "mirror":
        return _ordered_pairs(form, context)
    family = context.scope.family(form.ordered, context.path("expect", "ordered"))
    if family is None:
        return ()
    direction = DIRECTIONS[form.direction] if form.direction else family.direction
    if direction is None:
        no_direction(context, "ordered")
        return ()
    labels = context.labels(family.members)
    if len(labels) < 2:
        return ()
    step = form.step_mm
    return (
        eng.Ordered(
            labels=labels,
            direction=direction,
            tolerance_mm=form.tolerance_mm,
            at_least_mm=step.at_least if step else None,
            at_most_mm=step.at_most if step else None,
            skip_cut=form.skip_cut,
        ),
    )


def _ordered_pairs(form: w.OrderedExpect, context: Lowering) -> Lowered:
    """Give the order of each pair of mirrors: left of its right one, or along a direction."""
    if context.rule.structures and not context.mirror_pairs(context.rule.structures):
        no_mirror(context, "for")
    step = form.step_mm
    return tuple(
        eng.Ordered(
            labels=(right, left),
            direction=DIRECTIONS[form.direction or "left"],
            tolerance_mm=form.tolerance_mm,
            at_least_mm=step.at_least if step else None,
            at_most_mm=step.at_most if step else None,
            skip_cut=form.skip_cut,
        )
        for left, right in context.label_pairs(context.rule.structures)
    )


def _contiguous(form: w.ContiguousExpect, context: Lowering) -> Lowered:
    family = context.scope.family(form.contiguous, context.path("expect", "contiguous"))
    if family is None:
        return ()
    labels = context.labels(family.members)
    known = context.table.labels
    optional = tuple(known[name] for name in family.variants if name in known)
    return (eng.Contiguous(labels, optional, form.skip_cut),) if len(labels) > 2 else ()


def _touches(form: w.TouchesExpect, context: Lowering) -> Lowered:
    labels, others = context.judged(), context.select(form.touches, "expect", "touches")
    return (eng.Touching(labels, others, form.gap_mm),) if labels and others else ()


def _inside(form: w.InsideExpect, context: Lowering) -> Lowered:
    labels, others = context.judged(), context.select(form.inside, "expect", "inside")
    return (eng.Enclosed(labels, others, form.share),) if labels and others else ()


def _volume(form: w.VolumeExpect, context: Lowering) -> Lowered:
    limits = form.volume_ml
    if isinstance(limits, w.Declared):
        return tuple(
            eng.Volume(labels, low, high)
            for (low, high), labels in _declared("volume_ml", context).items()
        )
    labels = context.judged()
    if not labels:
        return ()
    return (eng.Volume(labels, limits.at_least, limits.at_most, limits.together),)


def _hu(form: w.HuExpect, context: Lowering) -> Lowered:
    limits = form.hu
    if isinstance(limits, w.Declared):
        return tuple(
            eng.MeanHu(labels, low, high)
            for (low, high), labels in _declared("hu", context).items()
        )
    labels = context.judged()
    return (eng.MeanHu(labels, limits.at_least, limits.at_most),) if labels else ()


def _declared(attribute: str, context: Lowering) -> Mapping[tuple[float, float], tuple[int, ...]]:
    """Group the labels by the range their structures declare."""
    ontology = context.scope.ontology
    groups: dict[tuple[float, float], list[str]] = {}
    for name in context.rule.structures:
        declared = ontology.get(name, attribute) if attribute in ontology.attributes else None
        if declared is not None:
            low, high = declared
            groups.setdefault((float(low), float(high)), []).append(name)
    if context.rule.structures and not groups:
        message = f"none of these structures declares `{attribute}`"
        context.scope.report("RUL014", message, context.path("for"))
    lowered = {bounds: context.labels(names) for bounds, names in groups.items()}
    return {bounds: labels for bounds, labels in lowered.items() if labels}


def _volume_ratio(form: w.VolumeRatioExpect, context: Lowering) -> Lowered:
    limits = form.volume_ratio
    labels, others = context.judged(), context.select(limits.to, "expect", "volume_ratio", "to")
    if not labels or not others:
        return ()
    return (eng.VolumeRatio(labels, others, limits.at_least, limits.at_most),)


def _symmetric(form: w.SymmetricExpect, context: Lowering) -> Lowered:
    limits = form.symmetric
    if context.rule.structures and not context.mirror_pairs(context.rule.structures):
        no_mirror(context, "for")
    return tuple(
        eng.VolumeRatio((left,), (right,), limits.at_least, limits.at_most)
        for left, right in context.label_pairs(context.rule.structures)
    )


def _holes(form: w.HolesExpect, context: Lowering) -> Lowered:
    labels, limit = context.judged(), form.holes.at_most_ml
    return (eng.Filled(labels, limit),) if labels else ()


def _plausible(form: w.PlausibleExpect, context: Lowering) -> Lowered:
    spec = context.scope.plane(form.plausible, context.path("expect", "plausible"))
    return () if spec is None else (eng.Plausible(context.anchor(spec)),)


_LOWER: Final[Mapping[type, Callable[[Any, Lowering], Lowered]]] = {
    w.WordExpect: _word,
    w.AbsentExpect: _absent,
    w.PresentExpect: _present,
    w.ComponentsExpect: _components,
    w.UndividedExpect: lower_undivided,
    w.OwnSideExpect: _own_side,
    w.WithinExpect: _within,
    w.OutsideExpect: _outside,
    w.OrderedExpect: _ordered,
    w.ContiguousExpect: _contiguous,
    w.TouchesExpect: _touches,
    w.InsideExpect: _inside,
    w.VolumeExpect: _volume,
    w.HuExpect: _hu,
    w.VolumeRatioExpect: _volume_ratio,
    w.SymmetricExpect: _symmetric,
    w.HolesExpect: _holes,
    w.CountedExpect: lower_counted,
    w.NumberedExpect: lower_numbered,
    w.AgreesExpect: lower_agrees,
    w.PlausibleExpect: _plausible,
}
