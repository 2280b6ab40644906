"""What is the same for every case of a cohort."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from vesalius.adapters.keeping.cache_folder import cache_folder
from vesalius.adapters.keeping.remembered import is_kept
from vesalius.asking import ask
from vesalius.engine.plan.plan_json import plan_digest
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.session import Session

if TYPE_CHECKING:  # a worker reads no YAML
    from vesalius.adapters.cohort.cohort_file import Cohort


@dataclass(frozen=True)
class CohortJob:
    """What is the same for every case; travels once to every worker.

    Parameters
    ----------
    session : Session
        Schemes, rules and their plan.
    digest : str
        Of the plan, taken where it was compiled; a worker checks it.
    resample : bool
        Whether nearest-neighbour resampling is allowed.
    force : bool
        Run cases again that were done before.
    write_excluded : bool
        Whether cases that a rule excludes are written.
    trust_image_geometry : bool
        Whether predictions of the shape of the image are taken voxel for voxel.
    """

    session: Session
    digest: str
    resample: bool
    force: bool
    write_excluded: bool = True
    trust_image_geometry: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of everything but the inputs that the files of a case depend on."""
        session = self.session
        prepared, options = session.prepared, session.options
        data = {
            "plan": self.digest,
            "rows": [[row.integer, row.name, row.rgb] for row in session.rows],
            "schemes": {
                token: [scheme.name, [[e.integer, e.name] for e in scheme.entries], scheme.folder]
                for token, scheme in sorted(prepared.schemes.items())
            },
            "rules": None if prepared.pack is None else prepared.pack.digest,
            "options": [options.repair, _unsafe(options.unsafe), options.trace],
            "remarks": [[d.code, d.message] for d in prepared.diagnostics],
            "resample": self.resample,
            **({"trust_image_geometry": True} if self.trust_image_geometry else {}),
        }
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def check(self) -> None:
        """Make sure that the plan arrived as it was sent.

        Raises
        ------
        ValueError
            If its digest is another.
        """
        if plan_digest(self.session.prepared.plan) != self.digest:
            raise ValueError("the plan that arrived is not the plan that was sent")


def plan_is_kept(cohort: Cohort) -> bool:
    """Tell whether the plan of a cohort was compiled before, so that its schemes can be read."""
    rules, schemes = cohort.rules, [source.scheme for source in cohort.sources]
    with suppress(DiagnosticError):
        asked = ask(
            schemes, cohort.target, rules.packs, rules.select, cohort.project, _places(cohort)
        )
        return is_kept(asked.key(), cache_folder())
    return False


def _places(cohort: Cohort) -> list[str]:
    """Give where the files of each source lie: sources of one scheme are numbered by it."""
    return [os.path.abspath(source.template.text) for source in cohort.sources]


def prepare_job(cohort: Cohort, force: bool = False) -> CohortJob:
    """Compile the plan of all cases, as that of a single one.

    Parameters
    ----------
    cohort : Cohort
        As declared; its schemes were checked.
    force : bool
        Run cases again that were done before.

    Raises
    ------
    DiagnosticError
        With every problem of the rules, shown where they are chosen.
    """
    rules = cohort.rules
    try:
        session = Session(
            [source.scheme for source in cohort.sources],
            cohort.target,
            rules=rules.packs,
            project=cohort.project,
            select=rules.select,
            unsafe=rules.unsafe,
            trace=rules.trace,
            places=_places(cohort),
        )
    except DiagnosticError as failed:
        # Schemes are checked before; what has no place is the choice of rules.
        span = cohort.document.span(("rules",))
        raise DiagnosticError(
            [d if d.span or d.path else replace(d, span=span) for d in failed.diagnostics]
        ) from None
    tokens = dict(zip((s.name for s in cohort.sources), session.tokens, strict=True))
    try:
        prefer = [preferred(name, tokens) for name in cohort.prefer]
        session.put_together(cohort.merge, prefer)
    except DiagnosticError as failed:
        span = cohort.document.span(("prefer",) if cohort.prefer else ("merge",))
        raise DiagnosticError([replace(d, span=span) for d in failed.diagnostics]) from None
    digest = session.prepared.digest
    return CohortJob(
        session,
        digest,
        cohort.resample,
        force,
        cohort.excluded == "folder",
        cohort.trust_image_geometry,
    )


def preferred(name: str, tokens: Mapping[str, str]) -> str:
    """Give the token of a prediction by its name in the cohort file.

    Raises
    ------
    DiagnosticError
        API005 where there is none.
    """
    if name in tokens:
        return tokens[name]
    hint = suggest(name, tokens) or f"its predictions: {', '.join(tokens)}"
    text = f"`{name}` is preferred, and the cohort has no such prediction"
    raise DiagnosticError([Diagnostic("API005", "error", text, help=hint)])


def _unsafe(unsafe: bool | frozenset[str]) -> object:
    return sorted(unsafe) if isinstance(unsafe, frozenset) else unsafe
