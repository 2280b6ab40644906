"""What a set of sources cannot do for a target, found before any voxel is read."""

from __future__ import annotations

from collections.abc import Collection

from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.scheme.meaning import BySide, Meaning, To, walk
from vesalius.rules.compile.link_schemes import Linked, LinkedSource
from vesalius.rules.places.specs import PlaneSpec

SHOWN = 8


def check_linked(
    linked: Linked, midline: PlaneSpec | None, renamed: Collection[str] = ()
) -> tuple[Diagnostic, ...]:
    """Report sources the target cannot express and sides nothing can decide.

    Parameters
    ----------
    linked : Linked
        Sources linked to the target.
    midline : PlaneSpec or None
        What decides the sides.
    renamed : collection of str, optional
        Structures that rules make structures of the target.

    Returns
    -------
    tuple of Diagnostic
    """
    found: list[Diagnostic] = []
    written = {name for name, integer in linked.integers.items() if integer > 0} | set(renamed)
    for source in linked.sources:
        found += _nothing_expressed(source, linked, written)
        found += _classes_lost(source, linked, written)
    found += _undecided_sides(linked, midline)
    return tuple(found)


def _expressed(meaning: Meaning, written: Collection[str]) -> bool:
    return any(isinstance(m, To) and m.structure in written for m in walk(meaning))


def _named(meaning: Meaning) -> bool:
    return any(isinstance(m, To) for m in walk(meaning))


def _nothing_expressed(
    source: LinkedSource, linked: Linked, written: Collection[str]
) -> list[Diagnostic]:
    if any(_expressed(entry.meaning, written) for entry in source.entries):
        return []
    return [
        Diagnostic(
            code="CMP001",
            severity="warning",
            message=(
                f"`{linked.target.name}` can express no class of `{source.scheme.name}`; "
                "nothing of this source will be painted"
            ),
            path=source.scheme.path,
            help="choose a target that lists these structures: `vesalius ls schemes`",
        )
    ]


def _classes_lost(
    source: LinkedSource, linked: Linked, written: Collection[str]
) -> list[Diagnostic]:
    lost = [
        f"{entry.integer} {entry.name}"
        for entry in source.entries
        if _named(entry.meaning) and not _expressed(entry.meaning, written)
    ]
    if not lost or len(lost) == len(source.entries):
        return []
    shown = listing(lost, SHOWN)
    return [
        Diagnostic(
            code="CMP002",
            severity="info",
            message=(
                f"{len(lost)} of {len(source.entries)} classes of `{source.scheme.name}` have no "
                f"place in `{linked.target.name}`: {shown}"
            ),
            path=source.scheme.path,
        )
    ]


def _undecided_sides(linked: Linked, midline: PlaneSpec | None) -> list[Diagnostic]:
    divided = sorted(
        {
            f"`{source.scheme.name}` {entry.integer} {entry.name}"
            for source in linked.sources
            for entry in source.entries
            if any(isinstance(m, BySide) for m in walk(entry.meaning))
        }
    )
    if not divided:
        return []
    painted = {m.structure for m in linked.meanings() if isinstance(m, To)}
    points = [] if midline is None else [n for n in midline.structures if n in painted]
    needed = 0 if midline is None else midline.at_least
    if midline is not None and len(points) >= needed:
        return []
    return [
        Diagnostic(
            code="CMP003",
            severity="warning",
            message=(
                f"the midline cannot be fitted: the sources yield {len(points)} of its structures, "
                f"it needs {needed}; without it no side is given to {', '.join(divided[:SHOWN])}"
            ),
            path=midline.span.path if midline else None,
            help=_missing_points(midline, points),
        )
    ]


def _missing_points(midline: PlaneSpec | None, points: list[str]) -> str | None:
    if midline is None:
        return None
    missing = [name for name in midline.structures if name not in points]
    return f"add a source that has some of: {', '.join(missing[:SHOWN])}, ..."
