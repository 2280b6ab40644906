"""How the claims of several sources on one structure are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vesalius.engine.plan.plan import POLICIES, Merging, Plan
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.listing import listing


def with_merging(plan: Plan, policy: str, preferred: Sequence[str]) -> Plan:
    """Give a plan another way to put sources together.

    Parameters
    ----------
    plan : Plan
        Its sources are those that can be preferred.
    policy : {"union", "vote", "priority"}
        What counts of a structure that several sources can tell.
    preferred : sequence of str
        Tokens of sources, the best first; for "priority".

    Raises
    ------
    DiagnosticError
        API005 for an unknown policy or source, and where a preference is missing or without use.
    """
    sources = [table.token for table in plan.sources]
    if policy not in POLICIES:
        hint = suggest(policy, POLICIES) or f"one of {listing(POLICIES)}"
        raise _wrong(f"`{policy}` is no way to merge", hint)
    for token in preferred:
        if token not in sources:
            hint = suggest(token, sources) or f"the sources: {listing(sources)}"
            raise _wrong(f"`{token}` is preferred and is no source", hint)
    if policy == "priority" and not preferred:
        raise _wrong("merging by priority needs to know which source comes first",
                     f"name the sources, the best first: {listing(sources)}")  # fmt: skip
    if preferred and policy != "priority":
        raise _wrong(f"sources are preferred, but merging by {policy} prefers none",
                     "merge by priority, or prefer none")  # fmt: skip
    merging = Merging(policy, tuple(preferred))
    return replace(plan, merging=merging)


def _wrong(text: str, hint: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic("API005", "error", text, help=hint)])
