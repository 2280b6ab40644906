"""Repairs and derivations as written to those of the engine."""

from __future__ import annotations

from typing import Final

from vesalius.engine import steps as eng
from vesalius.rules import expect_models as e
from vesalius.rules import repair_models as w
from vesalius.rules.directions import DIRECTIONS
from vesalius.rules.lower_context import Lowering
from vesalius.rules.lower_expect import no_mirror

UNLABELLED: Final = "unlabelled"
BACKGROUND: Final = 0

_WHOLE_MOVES: Final = (
    e.WordExpect,
    e.AbsentExpect,
    e.ComponentsExpect,
    e.OwnSideExpect,
    e.WithinExpect,
    e.OutsideExpect,
    e.TouchesExpect,
    e.InsideExpect,
    e.VolumeExpect,
    e.HuExpect,
)
"""Expectations that are broken by parts, which can be moved elsewhere."""


def misfit(repair: w.RepairForm, expect: e.ExpectForm) -> str | None:
    """Say why a repair cannot mend an expectation; None where it can.

    Parameters
    ----------
    repair : RepairForm
        As written.
    expect : ExpectForm
        As written.
    """
    if isinstance(expect, e.HolesExpect) or isinstance(repair, w.FillRepair):
        fits = isinstance(expect, e.HolesExpect) and isinstance(repair, w.FillRepair)
        return None if fits else "`fill` and `holes` go together"
    counted = isinstance(expect, e.CountedExpect | e.NumberedExpect)
    renumber = isinstance(repair, w.WordRepair) and repair.root == "renumber"
    undivided = isinstance(expect, e.UndividedExpect)
    if counted or undivided or renumber:
        named = "undivided" if undivided else "counted"
        named = "numbered" if isinstance(expect, e.NumberedExpect) else named
        fits = renumber and (counted or undivided)
        return None if fits else f"`renumber` and `{named}` go together"
    for_pieces = isinstance(repair, w.KeepRepair | w.FragmentsRepair)
    if isinstance(expect, e.ComponentsExpect):
        few = expect.components.at_most is None
        return "no repair makes more components; it goes with `at_most`" if few else None
    if for_pieces:
        return "this repair is for pieces and goes with `components: {at_most: ...}`"
    present = isinstance(expect, e.WordExpect) and expect.root == "present"
    if present or not isinstance(expect, _WHOLE_MOVES):
        return "nothing that could be moved breaks this expectation; leave `repair` out"
    return None


def lower_repair(repair: w.RepairForm, context: Lowering) -> eng.Destination | None:
    """Give what becomes of the parts that break an expectation.

    Parameters
    ----------
    repair : RepairForm
        As written.
    context : Lowering
        The rule; takes errors and what is lacking.

    Returns
    -------
    Destination or None
        None where it cannot be done; the rule then only reports.
    """
    if isinstance(repair, w.WordRepair):
        if repair.root == "swap_side":
            return _to_mirror(context, "repair")
        return eng.Into(BACKGROUND) if repair.root == "remove" else eng.AsCounted()
    if isinstance(repair, w.MoveRepair):
        return _destination(repair.move_to, context, "repair", "move_to")
    if isinstance(repair, w.KeepRepair):
        return _destination(repair.rest, context, "repair", "rest")
    if isinstance(repair, w.FragmentsRepair):
        return _to_neighbours(repair.give_fragments_to_neighbour, context)
    return eng.IntoEnclosing()


def _destination(
    form: w.DestinationForm, context: Lowering, *at: str | int
) -> eng.Destination | None:
    if isinstance(form, w.WordDestination):
        return _word(form.root, context, *at)
    if isinstance(form, w.Sides):
        plane = context.sided_plane(form.anchor, *at, "anchor")
        left = _structure(form.left, context, *at, "left")
        right = _structure(form.right, context, *at, "right")
        if plane is None or left is None or right is None:
            return None
        anchor, left_first = plane
        return eng.IntoSides(anchor, *((left, right) if left_first else (right, left)))
    if isinstance(form, w.SurroundingDestination):
        return _near(form.surrounding, True, context, *at, "surrounding")
    if isinstance(form, w.TouchingDestination):
        return _near(form.touching, False, context, *at, "touching")
    cases: list[tuple[eng.Region, eng.Destination]] = []
    good = True
    for i, move in enumerate(form.where):
        region = context.region(move, *at, "where", i)
        target = _destination(move.to, context, *at, "where", i, "to")
        if region is None or target is None:
            good = False
        else:
            cases.append((region, target))
    otherwise = _destination(form.otherwise, context, *at, "otherwise")
    return eng.IntoRegions(tuple(cases), otherwise) if good and otherwise is not None else None


def _word(word: str, context: Lowering, *at: str | int) -> eng.Destination | None:
    if word == "background":
        return eng.Into(BACKGROUND)
    if word == "surrounding":
        return eng.IntoSurrounding(background=True)
    if word == "touching":
        return eng.IntoSurrounding(background=False)
    if word == "mirror":
        return _to_mirror(context, *at)
    label = _structure(word, context, *at, words=w.DESTINATION_WORDS)
    return None if label is None else eng.Into(label)


def _near(
    near: w.Near, background: bool, context: Lowering, *at: str | int
) -> eng.Destination | None:
    never = () if near.never is None else context.select(near.never, *at, "never")
    otherwise: int | None = BACKGROUND
    if near.otherwise is not None:
        otherwise = _structure(near.otherwise, context, *at, "otherwise")
    if otherwise is None:
        return None
    return eng.IntoSurrounding(otherwise, background, tuple(sorted(never)))


def _to_mirror(context: Lowering, *at: str | int) -> eng.Destination | None:
    structures = context.rule.structures
    if structures and not context.mirror_pairs(structures):
        no_mirror(context, *at)
    pairs = context.label_pairs(structures)
    return eng.IntoOther(pairs) if pairs else None


def _to_neighbours(form: w.Fragments, context: Lowering) -> eng.Destination | None:
    rest = _destination(form.rest, context, "repair", "give_fragments_to_neighbour", "rest")
    judged = context.judged()
    neighbours: list[tuple[int, tuple[int, ...]]] = []
    if form.sequence == "mirror":
        if context.rule.structures and not context.mirror_pairs(context.rule.structures):
            no_mirror(context, "for")
        for left, right in context.label_pairs(context.rule.structures):
            neighbours += [(left, (right,)), (right, (left,))]
    else:
        at = context.path("repair", "give_fragments_to_neighbour", "sequence")
        family = context.scope.family(form.sequence, at)
        if family is None:
            return None
        for position, name in enumerate(family.members):
            near = [
                *_until_usual(family.members[:position][::-1], family.variants),
                *_until_usual(family.members[position + 1 :], family.variants),
            ]
            known = context.table.labels
            if name in known:
                found = tuple(known[other] for other in near if other in known)
                neighbours.append((known[name], found))
    kept = tuple((label, near) for label, near in neighbours if label in judged and near)
    if rest is None or not kept:
        return None
    return eng.IntoNeighbour(kept, form.at_least_ml, form.connectivity, rest)


def _until_usual(names: tuple[str, ...], variants: tuple[str, ...]) -> list[str]:
    """Give the next usual member and the variants before it, which a patient may lack."""
    found: list[str] = []
    for name in names:
        found.append(name)
        if name not in variants:
            break
    return found


def _structure(
    name: str, context: Lowering, *at: str | int, words: tuple[str, ...] = ()
) -> int | None:
    known = context.scope.structure(name, context.path(*at), words)
    if known is None:
        return None
    if known not in context.table.labels:
        context.obstacles.append(f"nothing yields `{known}`, where parts should go")
        return None
    return context.table.labels[known]


def lower_derive(form: w.DeriveForm, context: Lowering) -> eng.Derive | None:
    """Give a derivation.

    Parameters
    ----------
    form : DeriveForm
        As written.
    context : Lowering
        The rule; takes errors and what is lacking.

    Returns
    -------
    Derive or None
        None where it cannot be done.
    """
    if isinstance(form, w.BodyDerive):
        rest = form.rest_of_body
        label = _structure(rest.to, context, "derive", "rest_of_body", "to")
        if label is None:
            return None
        across = DIRECTIONS["superior"] if rest.cavities == "axial" else None
        over = context.unlisted() if rest.unlisted else ()
        return eng.RestOfBody(label, rest.hu_at_least, rest.opening_mm, across, over)
    label = _structure(form.to, context, "derive", "to")
    region = () if form.where is None else context.region(form.where, "derive", "where")
    over = _over(form.over, context)
    low, high = form.hu
    if low > high:
        place = context.path("derive", "hu")
        context.scope.report("RUL019", "the lowest value is above the highest", place)
        return None
    if label is None or region is None or not over:
        return None
    return eng.FromHu(label, low, high, region, over, form.keep_largest)


def _over(written: object, context: Lowering) -> tuple[int, ...]:
    entries: list[tuple[object, tuple[str | int, ...]]]
    if isinstance(written, list):
        entries = [(entry, ("derive", "over", i)) for i, entry in enumerate(written)]
    else:
        entries = [(written, ("derive", "over"))]
    labels: set[int] = set()
    for entry, at in entries:
        labels |= {BACKGROUND} if entry == UNLABELLED else set(context.select(entry, *at))
    return tuple(sorted(labels))
