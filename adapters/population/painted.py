"""Which source feeds which structure: as the plan has it, and as it was painted."""

from __future__ import annotations

from collections.abc import Iterator

from vesalius.adapters.measures.structure_map import listed_structures
from vesalius.adapters.measures.structure_stats import rounded
from vesalius.adapters.measures.table_schema import Cell
from vesalius.adapters.population.people import SEXES, UNKNOWN, People
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

NO_SYSTEM = "other"


def system_of(structure: str, ontology: Ontology) -> str:
    """Give the system that a structure belongs to; `NO_SYSTEM` where none is declared."""
    if structure not in ontology.structures:
        return NO_SYSTEM
    return str(ontology.get(structure, "system") or NO_SYSTEM)


def painted_rows(people: People, ontology: Ontology) -> Iterator[dict[str, Cell]]:
    """Give the rows of the table `source_structures`, by source and in the order of the ontology.

    Parameters
    ----------
    people : People
        The cohort.
    ontology : Ontology
        Its systems.
    """
    written = people.written
    for source in people.about["sources"]:
        name = source["source"]
        planned = _can_tell(str(source["scheme"]), ontology)
        painted: dict[str, list[float]] = {}
        for person in written:
            for (token, structure), ml in person.painted_ml.items():
                if token == name and ml > 0:
                    painted.setdefault(structure, []).append(ml)
        for structure in _ordered({*planned, *painted}, ontology):
            volumes_ml = painted.get(structure, [])
            yield {
                "source": name,
                "structure": structure,
                "system": system_of(structure, ontology),
                "planned": structure in planned,
                "cases": len(written),
                "painted_cases": len(volumes_ml),
                "painted_ml": rounded(sum(volumes_ml)),
            }


def _can_tell(scheme: str, ontology: Ontology) -> frozenset[str]:
    """Give what a scheme can tell of anyone; nothing where it is a file that is not known here."""
    try:
        found = load_scheme(scheme, ontology)
    except DiagnosticError:
        return frozenset()
    return frozenset().union(*(listed_structures(found, sex) for sex in (*SEXES, UNKNOWN)))


def _ordered(names: set[str], ontology: Ontology) -> list[str]:
    known = [name for name in names if name in ontology.structures]
    return [*ontology.in_order(known), *sorted(names - set(known))]
