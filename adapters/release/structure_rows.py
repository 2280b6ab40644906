"""The table of a release that says what every integer means: names, codes, how often, how large."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

from vesalius.adapters.measures.table_schema import Cell
from vesalius.ontology.concept_codes import System
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.scheme import Scheme

STRUCTURES = "structures"
"""Name of the table."""
_COLUMNS: tuple[tuple[System, str], ...] = (
    ("sct", "snomed_ct"), ("uberon", "uberon"), ("fma", "fma"),
)  # fmt: skip


def structure_rows(
    target: Scheme, ontology: Ontology, volumes_ml: Mapping[str, Sequence[float]]
) -> Iterator[dict[str, Cell]]:
    """Give a row for each structure of each class, by integer.

    Parameters
    ----------
    target : Scheme
        Of the label maps.
    ontology : Ontology
        Gives titles and codes.
    volumes_ml : mapping of str to sequence of float
        Volumes of each structure in the cases that have it.
    """
    for entry in sorted(target.entries, key=lambda entry: entry.integer):
        for name in structures_of(entry.target):
            structure = ontology.structures[name]
            found_ml = volumes_ml.get(name, ())
            row: dict[str, Cell] = {
                "integer": entry.integer,
                "label": entry.name,
                "structure": name,
                "title": structure.title,
                "cases": len(found_ml),
                "volume_p50_ml": round(statistics.median(found_ml), 6) if found_ml else None,
            }
            codes = {code.system: code for code in structure.codes}
            for system, column in _COLUMNS:
                code = codes.get(system)
                row[column] = None if code is None else code.code
                row[f"{column}_match"] = None if code is None else code.remarks
            yield row
