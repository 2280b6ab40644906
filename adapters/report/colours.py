"""Names and colours of the integers of a label map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vesalius.adapters.files.label_tables import LabelRow
from vesalius.adapters.keeping.known import known_scheme
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.scheme_set import label_rows


class Colours:
    """Names and colours as the target declares them; else as the reports name structures.

    Parameters
    ----------
    ontology : Ontology
        Has the colours.
    target : str
        Scheme of the label maps, by name: a record does not keep the place of its file.

    Attributes
    ----------
    why : str
        Why the names of the target are not known; empty where they are.
    """

    def __init__(self, ontology: Ontology, target: str) -> None:
        self._rows: tuple[LabelRow, ...] | None = None
        self.why = ""
        try:
            self._rows = label_rows(known_scheme(target, ontology.project), ontology)
        except DiagnosticError as error:
            self.why = error.diagnostics[0].message

    def rows(self, structures: Sequence[Mapping[str, Any]]) -> tuple[LabelRow, ...]:
        """Name and colour the integers of a case.

        Parameters
        ----------
        structures : sequence of mapping
            Of its report: structure and integer of each.
        """
        if self._rows is not None:
            return self._rows
        names = {row["integer"]: row["structure"] for row in structures}
        return tuple(LabelRow(integer, name) for integer, name in sorted(names.items()))
