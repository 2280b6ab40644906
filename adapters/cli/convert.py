"""`vesalius convert`: segmentations in another scheme, and what was lost on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vesalius.adapters.cli.case_options import (
    name_schemes,
    sex_option,
    show_notes,
    show_warnings,
)
from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.convert_files import Conversion, conversions
from vesalius.adapters.cli.losses import print_told_apart_no_more
from vesalius.adapters.cli.outcome import CASES_FAILED, Ended, show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.said_once import SaidOnce
from vesalius.adapters.cli.summary import print_lost, print_summary
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.identify.auto import AUTO
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import to_json
from vesalius.session import Session

if TYPE_CHECKING:
    from vesalius.adapters.cases.rule_findings import Json
    from vesalius.ontology.project import Project


@click.command(name="convert")
@click.argument(
    "segmentations", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path)
)
@click.option(
    "--from", "source", required=True, metavar="SCHEME",
    help="Scheme they are in, by name or YAML path; `auto` for the one that fits clearly best.",
)  # fmt: skip
@click.option(
    "--to", "target", required=True, metavar="SCHEME",
    help="Scheme of the result, by name or YAML path.",
)  # fmt: skip
@sex_option
@click.option(
    "--output", "-o", required=True, type=click.Path(path_type=Path),
    help="A file; for several segmentations a folder, in which each is NAME.nii.gz.",
)  # fmt: skip
@format_option()
def command(
    segmentations: tuple[Path, ...], source: str, target: str, sex: str, output: Path, form: str
) -> None:
    """Write segmentations in the integers of another scheme.

    Files, folders of masks and folders of such are taken; a bad one does not stop the others. What
    the target has no place for, what is dropped and which classes can no longer be told apart is
    reported; nothing is lost in silence.
    """
    sessions = _Sessions(target, current_project())
    scheme = None
    if source != AUTO:
        (scheme,) = sessions.of(source).prepared.schemes.values()
    todo = conversions(segmentations, output, scheme)
    documents: list[Json] = []
    said = SaidOnce()
    failed = False
    for one in todo:
        try:
            documents.append(_convert(one, source, sex, sessions, said, form))
        except DiagnosticError as error:
            if len(todo) == 1:
                raise
            failed = True
            show(error.diagnostics)
            documents.append({"path": str(one.path), "problems": to_json(error.diagnostics)})
    if form == "json":
        click.echo(json.dumps(documents[0] if len(todo) == 1 else documents, indent=2))
    said.show_others()
    for name, session in sessions.made.items():
        show_notes(session, [name], target)
    if failed:
        raise Ended(CASES_FAILED)


@dataclass
class _Sessions:
    """The sessions to a target, by the scheme they start from."""

    target: str
    project: Project | None
    made: dict[str, Session] = field(default_factory=dict)

    def of(self, source: str) -> Session:
        """Give that of a scheme; its warnings are shown when it is first asked for."""
        if source not in self.made:
            made = Session(source, self.target, rules=None, project=self.project)
            self.made[source] = made
            show_warnings(made)
        return self.made[source]


def _convert(
    one: Conversion, source: str, sex: str, sessions: _Sessions, said: SaidOnce, form: str
) -> Json:
    """Convert a segmentation and tell of it; give its report."""
    ((source, _),) = name_schemes([(source, one.path)], sessions.project)
    with working(f"converting {one.path}"):
        done = sessions.of(source).convert(one.path, {"sex": sex})
        if one.folder is not None:
            with Outputs(one.folder, done.case.inputs):
                pass  # makes it
        done.save(one.output)
    said.show(done.remarks, str(one.path))
    if form == "human":
        print_lost(done.report)
        print_told_apart_no_more(done.report)
        print_summary(done.report, one.output)
    return done.report
