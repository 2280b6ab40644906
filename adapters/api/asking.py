"""What a session is asked for, in one form."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vesalius.adapters.cases.file_names import name_of
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.prepared.asked import Asked, SchemeRef
from vesalius.engine.run_steps import Options
from vesalius.inputs import ProjectRef, as_project
from vesalius.ontology.reading.side_files import YAML_ENDINGS
from vesalius.rule_set import RulesRef, pack_names


def ask(
    sources: SchemeRef | Sequence[SchemeRef] | Mapping[str, SchemeRef] | None,
    target: SchemeRef,
    rules: RulesRef,
    select: str | Sequence[str],
    project: ProjectRef,
    places: Sequence[str] | None,
) -> Asked:
    """Put what a session is made with into one form; see :class:`vesalius.session.Session`."""
    if sources is None or isinstance(sources, str | os.PathLike):
        sources = [target if sources is None else sources]
    tokens = list(sources) if isinstance(sources, Mapping) else [None] * len(sources)
    refs = sources.values() if isinstance(sources, Mapping) else sources
    ordered = None if places is None else sorted(places)
    return Asked(
        sources=tuple(zip(tokens, map(_plain, refs), strict=True)),
        target=_plain(target),
        rules=pack_names(rules),
        select=(select,) if isinstance(select, str) else tuple(select),
        project=as_project(project),
        # Where files lie is another for every case; the plan depends on their order alone.
        ranks=None if ordered is None else tuple(map(ordered.index, places or ())),
    )


def _plain(ref: SchemeRef) -> str | Path:
    # A text may be a name; what is a path is one, whatever it is called.
    return ref if isinstance(ref, str) else Path(ref)


def said(rules: RulesRef, select: str | Sequence[str], options: Options) -> Json:
    """Write how rules were chosen as JSON values, for a report.

    Parameters
    ----------
    rules, select
        As for :class:`vesalius.session.Session`.
    options : Options
        Which unsafe repairs are made, and whether there is a trace.
    """
    unsafe = options.unsafe
    return {
        "rules": [_name_of_pack(name) for name in pack_names(rules)],
        "select": [select] if isinstance(select, str) else list(select),
        "unsafe": unsafe if isinstance(unsafe, bool) else sorted(unsafe),
        "trace": options.trace,
    }


def _name_of_pack(given: str | Path) -> str:
    """Name a pack as it was given; a file so that it can be found again."""
    return name_of(given) if Path(given).suffix in YAML_ENDINGS else str(given)
