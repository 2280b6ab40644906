"""A cohort that is to be run: where its plan is known, its schemes are not read again."""

from __future__ import annotations

from pathlib import Path

from vesalius.adapters.cohort.cohort_document import load_cohort_document
from vesalius.adapters.cohort.cohort_file import Cohort, declared_cohort
from vesalius.adapters.cohort.cohort_job import plan_is_kept
from vesalius.ontology.project import Project


def load_known_cohort(path: Path, project: Project | None) -> Cohort:
    """Read a cohort file and its table, as :func:`load_cohort` does.

    Parameters
    ----------
    path : Path
        The YAML.
    project : Project or None
        Whose schemes and rules it may name besides those that are shipped.

    Raises
    ------
    DiagnosticError
        With every problem.
    """
    cohort, problems = declared_cohort(load_cohort_document(path), path.parent, project)
    if not problems and plan_is_kept(cohort):
        return cohort
    # They read all structures.
    from vesalius.adapters.cohort.cohort_schemes import require_schemes  # noqa: PLC0415
    from vesalius.ontology.load import load_ontology  # noqa: PLC0415

    named, ontology = cohort.named_schemes, load_ontology(project)
    require_schemes(named, cohort.target, cohort.document, ontology, problems)
    return cohort
