"""A value on its way through the stages of reading, with all that was said of it so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


@dataclass(frozen=True, eq=False)
class Told(Generic[T_co]):
    """What a stage made.

    Parameters
    ----------
    value : T_co or None
        None where a stage had to give up; the stages after it are then passed over.
    remarks : tuple of Diagnostic
        Warnings and notes, in the order of the stages.
    problems : tuple of Diagnostic
        Why the case cannot be used. A value may have some: the later stages may find more.
    """

    value: T_co | None
    remarks: tuple[Diagnostic, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    def then(self, stage: Callable[[T_co], Told[U]]) -> Told[U]:
        """Hand the value to the next stage, and on what was said; its exception is a problem."""
        if self.value is None:
            return Told(None, self.remarks, self.problems)
        try:
            made = stage(self.value)
        except DiagnosticError as error:
            made = Told(None, (), error.diagnostics)
        remarks, problems = (*self.remarks, *made.remarks), (*self.problems, *made.problems)
        return Told(made.value, remarks, problems)
