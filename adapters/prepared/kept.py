"""All that a session needs of schemes, rules and ontology, as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vesalius.adapters.cases.briefs import Prepared
from vesalius.adapters.identify.expected import KnownLooks
from vesalius.ontology.reading.problem import Diagnostic


@dataclass(frozen=True, eq=False)
class Kept:
    """What was compiled for a choice of schemes and rules. It holds nothing of any case.

    Parameters
    ----------
    prepared : Prepared
        The plan, and what cases are read, judged and reported with; sources are put together by
        union.
    looks : KnownLooks
        What the structures of the sources look like.
    given : mapping of str to str
        How the scheme of each token was named.
    scheme_remarks, project_remarks : tuple of Diagnostic
        Warnings about schemes, and which shipped things a project replaces.
    """

    prepared: Prepared
    looks: KnownLooks
    given: Mapping[str, str]
    scheme_remarks: tuple[Diagnostic, ...]
    project_remarks: tuple[Diagnostic, ...]
