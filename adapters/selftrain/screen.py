"""How the stages of a pipeline speak to whoever runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from vesalius.ontology.reading.diagnostics import Diagnostic


class CasesFailed(Exception):
    """Some cases failed, and this was said; the others are in place."""


@dataclass(frozen=True)
class Screen:
    """Where stages say what they have to say.

    Parameters
    ----------
    show : callable
        Takes problems and remarks.
    run_cohort : callable
        Runs a cohort file into an output folder with so many processes and shows how it goes;
        cases that were done before stay.
    """

    show: Callable[[Iterable[Diagnostic]], None]
    run_cohort: Callable[[Path, Path, int], None]
