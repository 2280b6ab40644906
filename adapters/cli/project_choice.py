"""The project a command works in: named by an option, or found from the working directory up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.ontology.project_place import find_project

if TYPE_CHECKING:
    from vesalius.ontology.project import Project
    from vesalius.ontology.reading.diagnostics import DiagnosticError

DEFAULTS = {
    "run": {"target": "target", "rules": "packs", "fail_on": "fail_on"},
    "compile": {"target": "target"},
    "lint": {"rules": "packs", "fail_on": "fail_on"},
}
"""Per verb the options that a project may decide, and which of its defaults does."""


@dataclass(frozen=True)
class ProjectChoice:
    """The project, or why it cannot be read.

    Parameters
    ----------
    project : Project or None
        None where there is none, or none is wanted.
    problem : DiagnosticError or None
        What is wrong with it. It is raised only by what needs the project, so that
        `vesalius explain CODE` tells of the problem.
    """

    project: Project | None = None
    problem: DiagnosticError | None = None

    def default_map(self) -> dict[str, dict[str, object]]:
        """Give what verbs do where they are not told, as click takes it."""
        if self.project is None:
            return {}
        defaults = self.project.defaults
        return {
            verb: {
                option: value
                for option, name in options.items()
                if (value := getattr(defaults, name)) is not None
            }
            for verb, options in DEFAULTS.items()
        }


def choose_project(given: Path | None, wanted: bool) -> ProjectChoice:
    """Read the project that is given, or else the one around the working directory."""
    if not wanted:
        return ProjectChoice()
    path = given or find_project(Path.cwd())
    if path is None:
        return ProjectChoice()
    from vesalius.ontology.project import read_project  # noqa: PLC0415
    from vesalius.ontology.reading.diagnostics import DiagnosticError  # noqa: PLC0415

    try:
        return ProjectChoice(read_project(path))
    except DiagnosticError as error:
        return ProjectChoice(problem=error)


def current_project() -> Project | None:
    """Give the project of the command that runs, as the main group has put it into its context.

    Raises
    ------
    DiagnosticError
        Where the project cannot be read.
    """
    context = click.get_current_context(silent=True)
    choice = context.find_root().obj if context is not None else None
    if not isinstance(choice, ProjectChoice):
        return None
    if choice.problem is not None:
        raise choice.problem
    return choice.project
