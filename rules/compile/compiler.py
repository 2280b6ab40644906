"""The passes in order, with every diagnostic of a run at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesalius.engine.plan import Plan
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import Scheme
from vesalius.rules.anchors import AnchorSpec, midline_of
from vesalius.rules.compile.check import check_linked
from vesalius.rules.compile.link import Linked, Structure, link
from vesalius.rules.compile.lower import lower
from vesalius.rules.compile.schedule import Painted, painting_order


@dataclass(frozen=True)
class Compiled:
    """The plan and what led to it.

    Parameters
    ----------
    linked : Linked
        Every integer of every source in structures of the target.
    order : tuple of Painted
        Work structures from the first painted to the last.
    plan : Plan
        What the engine runs.
    diagnostics : tuple of Diagnostic
        What cannot act, and why.
    """

    linked: Linked
    order: tuple[Painted, ...]
    plan: Plan
    diagnostics: tuple[Diagnostic, ...]


def compile_plan(
    ontology: Ontology,
    target: Scheme,
    sources: Mapping[str, Scheme],
    anchors: Mapping[str, AnchorSpec],
) -> Compiled:
    """Compile schemes into a plan.

    Parameters
    ----------
    ontology : Ontology
        The structure graph.
    target : Scheme
        What the output is written in.
    sources : Mapping of str to Scheme
        Token of each source to its scheme.
    anchors : Mapping of str to AnchorSpec
        Named anchors.

    Returns
    -------
    Compiled
    """
    linked = link(ontology, target, sources)
    names = {m.name for m in linked.meanings() if isinstance(m, Structure)}
    order = painting_order(names | set(linked.integers), linked.integers, ontology)
    plan = lower(linked, order, ontology, anchors)
    diagnostics = check_linked(linked, midline_of(anchors))
    return Compiled(linked, order, plan, diagnostics)


def source_tokens(names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the sources of a run: the scheme's name, numbered where it is given repeatedly."""
    seen: dict[str, int] = {}
    tokens = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        tokens.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(tokens)
