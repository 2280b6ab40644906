"""The ontology and its schemes as they were read before.

Who asks of structures and of integers, and compiles no rules, reads no YAML where all is as it
was. Problems of a file that stop the work are kept nowhere: they are found anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from vesalius.adapters.keeping.cache_folder import cache_folder
from vesalius.adapters.keeping.remembered import found_or_made, key_of
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.problem import Diagnostic
from vesalius.ontology.scheme.scheme import Scheme

if TYPE_CHECKING:
    from vesalius.ontology.project import Project


@dataclass(frozen=True, eq=False)
class KnownSchemes:
    """Schemes, and what reading them had to say.

    Parameters
    ----------
    schemes : tuple of Scheme
        Without the texts they were read from.
    problems : tuple of Diagnostic
        Of all files; those of schemes that cannot be read too.
    """

    schemes: tuple[Scheme, ...]
    problems: tuple[Diagnostic, ...]


@lru_cache(maxsize=8)
def known_ontology(project: Project | None = None) -> Ontology:
    """Give the shipped ontology with what a project adds to it.

    Raises
    ------
    DiagnosticError
        With every problem found, warnings included, where one of them is an error.
    """

    def make() -> Ontology:
        from vesalius.ontology.load import load_ontology  # noqa: PLC0415 - reads YAML

        return replace(load_ontology(project), project=None)

    key = key_of("ontology", project=project)
    found, _ = found_or_made(key, Ontology, make, cache_folder(), project)
    return replace(found, project=project)


def known_scheme(ref: str | Path, project: Project | None = None) -> Scheme:
    """Give a scheme by its name, or of a file.

    Raises
    ------
    DiagnosticError
        SCH001 for an unknown name, else every problem of the file.
    """

    def make() -> Scheme:
        from vesalius.ontology.load import load_scheme  # noqa: PLC0415 - reads YAML

        return replace(load_scheme(ref, known_ontology(project)), written=None)

    key = key_of("scheme", (ref,), project)
    found, _ = found_or_made(key, Scheme, make, cache_folder(), project)
    return found


@lru_cache(maxsize=4)
def known_schemes(project: Project | None = None) -> KnownSchemes:
    """Give every shipped scheme and the project's; what is wrong is told, not raised."""

    def make() -> KnownSchemes:
        from vesalius.ontology.load import read_scheme, scheme_paths  # noqa: PLC0415 - reads YAML
        from vesalius.ontology.reading.diagnostics import DiagnosticError  # noqa: PLC0415

        ontology = known_ontology(project)
        schemes: list[Scheme] = []
        problems: list[Diagnostic] = []
        for name in scheme_paths(project):
            try:
                scheme, found = read_scheme(name, ontology)
            except DiagnosticError as error:
                scheme, found = None, list(error.diagnostics)
            if scheme is None:
                problems += found
            else:
                schemes.append(replace(scheme, written=None))
        return KnownSchemes(tuple(schemes), tuple(problems))

    key = key_of("schemes", project=project)
    return found_or_made(key, KnownSchemes, make, cache_folder(), project)[0]
