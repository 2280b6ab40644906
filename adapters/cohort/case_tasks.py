"""From selected cases to tasks: every file looked for, every place of output settled.

All that can be known before any work starts is found here, so that a run of days does not stop
at a file that was missing from the beginning.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vesalius.adapters.cases.inputs import CaseFiles, PredictionFile
from vesalius.adapters.cases.sexes import SEX
from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.cohort_diagnostics import error, lines
from vesalius.adapters.cohort.cohort_file import Cohort
from vesalius.adapters.cohort.folder_levels import (
    FILES_OF_CASE,
    MOST_ENTRIES,
    crowded_folders,
)
from vesalius.adapters.cohort.output_place import EXCLUDED, OutputPlace, place_in
from vesalius.adapters.cohort.path_template import FieldError, PathTemplate
from vesalius.adapters.cohort.rows_by_case import RowsByCase
from vesalius.adapters.cohort.same_files import same_files
from vesalius.adapters.cohort.selection import Selection, is_sex
from vesalius.adapters.files.io_diagnostics import plural, unreadable
from vesalius.adapters.files.mask_names import mask_files
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.listing import listing

EVERY_CASE_SHOWN: Final = 5
"""Cases that are named where every one lacks a file; where some do, all of those are."""


@dataclass(frozen=True)
class Tasks:
    """What can be run, and what cannot.

    Parameters
    ----------
    ready : tuple of CaseTask
        Complete cases, in order.
    incomplete : mapping of str to str
        Kept cases that cannot be run, and what they lack.
    problems : tuple of Diagnostic
        Everything found, that of the selection included.
    """

    ready: tuple[CaseTask, ...]
    incomplete: Mapping[str, str]
    problems: tuple[Diagnostic, ...]


def prepare_tasks(
    cohort: Cohort, selection: Selection, tokens: Sequence[str], output: Path
) -> Tasks:
    """Look for every file of every kept case.

    Parameters
    ----------
    cohort : Cohort
        Says where files are.
    selection : Selection
        Which cases are kept.
    tokens : sequence of str
        Name of each source in the plan, in the order of the cohort file.
    output : Path
        The output folder.

    Returns
    -------
    Tasks
    """
    finder = _Finder(cohort, selection, output)
    finder.check_metadata()
    tasks = finder.tasks(tokens)
    finder.check_places(tasks)
    ready = tuple(task for task in tasks if task.case not in finder.incomplete)
    files = (file for task in ready for file in _roles(task))
    finder.problems += same_files(files, cohort.document.span(("cases",), key=True))
    return Tasks(ready, dict(finder.incomplete), tuple(finder.problems))


def _roles(task: CaseTask) -> Iterator[tuple[str, str, Path]]:
    """Give case, role and place of what a case reads."""
    if task.files.image is not None:
        yield task.case, "image", task.files.image
    for prediction in task.files.predictions:
        yield task.case, f"`{prediction.token}`", prediction.path


class _Finder:
    """Collects tasks, what cases lack, and problems."""

    def __init__(self, cohort: Cohort, selection: Selection, output: Path) -> None:
        self.incomplete: dict[str, str] = dict(selection.incomplete)
        self.problems: list[Diagnostic] = list(selection.problems)
        self._cohort = cohort
        self._kept = selection.kept
        self._output = output
        everywhere = selection.everywhere
        few = len(everywhere) * FILES_OF_CASE <= MOST_ENTRIES
        fields = () if few else map(cohort.fields, everywhere)
        self._crowded = crowded_folders(cohort.output, fields)

    def check_metadata(self) -> None:
        """Name every case without a row, and every one whose sex cannot be read."""
        cohort = self._cohort
        if cohort.metadata is None or cohort.table is None:
            return
        without = [case for case in self._kept if case not in cohort.rows]
        if without:
            number = plural(len(without), "case")
            text = f"{number} without a row in `{cohort.table.path}`"
            span = cohort.document.span(("metadata", "table"))
            names = listing([*cohort.rows][:5])
            hint = f"names in column `{cohort.metadata.case}`: {names}"
            if not names:
                hint = "below the names of its columns the table has no row"
            self.problems.append(error("COH011", lines(text, without), span, hint))
            self._lack(without, "no row in the metadata table")
        if isinstance(cohort.rows, RowsByCase):
            self._check_numbers(cohort.rows)
        if cohort.metadata.sex is None:
            return
        unread: dict[str, list[str]] = {}
        for case in self._kept:
            row = cohort.rows.get(case)
            if row is not None and not is_sex(row[SEX]):
                unread.setdefault(row[SEX], []).append(case)
        for value, cases in unread.items():
            number = plural(len(cases), "case")
            said = f"says `{value}`, which is no sex," if value else "is empty"
            text = f"column `{cohort.metadata.sex}` {said} for {number}"
            span = cohort.document.span(("metadata", "sex"))
            hint = (
                f'say what it means: `values: {{sex: {{"{value}": unknown}}}}`, or male, or female'
            )
            self.problems.append(error("COH012", lines(text, cases), span, hint))
            self._lack(cases, f"sex `{value}`")

    def _check_numbers(self, rows: RowsByCase) -> None:
        """Say which cases have their row by its number, and refuse one row for two cases."""
        found = rows.by_number(self._kept)
        span = self._cohort.document.span(("metadata", "case"))
        shared = {
            name: [*([name] if name in self._kept else []), *cases] for name, cases in found.items()
        }
        twice = {name: cases for name, cases in shared.items() if len(cases) > 1}
        if twice:
            listed = [f"{name}: {', '.join(cases)}" for name, cases in twice.items()]
            noun = "one row is" if len(twice) == 1 else f"{len(twice)} rows are"
            text = f"{noun} that of several cases by its number"
            hint = "write the names of the cases into the table as the files have them"
            self.problems.append(error("COH011", lines(text, listed), span, hint))
            self._lack([case for cases in twice.values() for case in cases], "shares its row")
        joined = [f"{case} is `{name}`" for name, cases in found.items() for case in cases]
        if joined and not twice:
            text = (
                f"{plural(len(joined), 'case')} found in the metadata table by number, or but for "
                f"the spelling, where the names differ: {listing(joined[:5])}"
                f"{' and more' if len(joined) > 5 else ''}"
            )
            self.problems.append(Diagnostic("COH023", "info", text, span=span))

    def tasks(self, tokens: Sequence[str]) -> list[CaseTask]:
        """Make the task of every case whose paths can be written down; look for the files."""
        cohort = self._cohort
        tasks = []
        unusable: dict[str, str] = {}
        missing: dict[YamlPath, list[tuple[str, Diagnostic]]] = {}
        for case in self._kept:
            if case not in cohort.rows and cohort.metadata is not None:
                continue
            try:
                task = self._task(case, tokens)
            except FieldError as failed:
                unusable[case] = str(failed)
                continue
            for at, found in self._missing(task):
                missing.setdefault(at, []).append((case, found))
            tasks.append(task)
        if unusable:
            rows = [f"{case}: {what}" for case, what in unusable.items()]
            text = f"the paths of {plural(len(rows), 'case')} cannot be written down"
            span = cohort.document.span(("output",), key=True)
            self.problems.append(error("COH006", lines(text, rows), span))
            self.incomplete.update(unusable)
        for at, cases in missing.items():
            self._report_missing(at, cases, len(tasks))
        return tasks

    def check_places(self, tasks: Sequence[CaseTask]) -> None:
        """Refuse two cases at one place, and outputs that are inputs of any case."""
        places: dict[str, list[CaseTask]] = {}
        for task in tasks:
            places.setdefault(os.path.realpath(task.place.labels), []).append(task)
        span = self._cohort.document.span(("output",))
        for shared in places.values():
            if len(shared) > 1:
                names = [task.case for task in shared]
                text = f"{len(names)} cases would be written to `{shared[0].place.labels}`"
                hint = "put `{case}` or another field that tells them apart into `output:`"
                self.problems.append(error("COH013", lines(text, names), span, hint))
                self._lack(names, "shares its output with another case")
        self._check_inputs(tasks)

    def _check_inputs(self, tasks: Sequence[CaseTask]) -> None:
        inputs = {
            identity: path
            for path in (*self._cohort.inputs, *(p for task in tasks for p in task.inputs))
            for identity in _identities(path)
        }
        for task in tasks:
            places = [task.place] + ([task.excluded] if task.excluded else [])
            for path in (path for place in places for path in place.known()):
                given = next((inputs[i] for i in _identities(path) if i in inputs), None)
                inside = next(
                    (inputs[f] for f in _folders_above(path) if f in inputs and _is_folder(f)),
                    None,
                )
                if given is None and inside is None:
                    continue
                text = "this output is also an input" if given else "this output lies in an input"
                self.problems.append(
                    Diagnostic(
                        "IO052",
                        "error",
                        f"case `{task.case}`: {text} (`{given or inside}`)",
                        path=str(path),
                        help="choose another folder with -o; inputs are never written onto",
                    )
                )
                self._lack([task.case], "its output is an input")
                break

    def _task(self, case: str, tokens: Sequence[str]) -> CaseTask:
        cohort = self._cohort
        fields = cohort.fields(case)
        sex = cohort.rows.get(case, {}).get(SEX, "unknown") if cohort.metadata else "unknown"
        files = CaseFiles(
            predictions=tuple(
                PredictionFile(token, source.template.locate(cohort.root, fields))
                for token, source in zip(tokens, cohort.sources, strict=True)
            ),
            image=None if cohort.image is None else cohort.image.locate(cohort.root, fields),
            # The same as for a single case: what is not known is not said.
            metadata={} if sex == "unknown" else {SEX: sex},
            resample=cohort.resample,
            trust_image_geometry=cohort.trust_image_geometry,
        )
        place, excluded = (
            self._place(case, fields, folder) for folder in (self._output, self._output / EXCLUDED)
        )
        return CaseTask(case, files, place, excluded)

    def _place(self, case: str, fields: Mapping[str, str], output: Path) -> OutputPlace:
        flat = place_in(self._cohort.output, fields, output)
        if Path(self._cohort.output.fill(fields)).parent not in self._crowded:
            return flat
        # What was written when the cohort was smaller stays where it is.
        return flat if os.path.lexists(flat.report) else flat.in_level(case)

    def _missing(self, task: CaseTask) -> list[tuple[YamlPath, Diagnostic]]:
        found: list[tuple[YamlPath, Diagnostic]] = []
        if task.files.image is not None:
            found += [(("image",), d) for d in _absence(task.files.image, folder=False)]
        for source, prediction in zip(self._cohort.sources, task.files.predictions, strict=True):
            found += [(source.at, d) for d in _absence(prediction.path, folder=True)]
        return found

    def _report_missing(
        self, at: YamlPath, cases: list[tuple[str, Diagnostic]], total: int
    ) -> None:
        what = "image" if at == ("image",) else f"`{at[1]}`"
        text = f"{len(cases)} of {plural(total, 'case')} without the file of {what}"
        rows = [f"{case}: {_said(found)}" for case, found in cases]
        if len(cases) == total and len(rows) > EVERY_CASE_SHOWN:
            # It is the template that is wrong, not the cases.
            rows = [*rows[:EVERY_CASE_SHOWN], f"and {len(rows) - EVERY_CASE_SHOWN:,} more"]
        hint = next((found.help for _, found in cases if found.help), None)
        hint = _amiss(self._template(at)) or hint
        if hint is not None and all(case.isdecimal() for case, _ in cases):
            hint += "; `{case:pad4}` puts zeros before a number"
        span = self._cohort.document.span(at)
        self.problems.append(error("COH010", lines(text, rows), span, hint))
        for case, found in cases:
            self._lack([case], f"{what.strip('`')}: {_said(found)}")

    def _template(self, at: YamlPath) -> PathTemplate | None:
        if at == ("image",):
            return self._cohort.image
        return next(source.template for source in self._cohort.sources if source.at == at)

    def _lack(self, cases: Sequence[str], what: str) -> None:
        for case in cases:
            self.incomplete.setdefault(case, what)


def _amiss(template: PathTemplate | None) -> str | None:
    """Say what is wrong with a template whoever the case is; None where nothing is."""
    if template is None:
        return None
    if not template.fields:
        return "no case has a file of its own: write `{case}` where the name of the case stands"
    if template.text.startswith("~"):
        return "`~` is not your home folder here: write the whole path"
    if "\\" in template.text:
        return "write `/` between folders, not `\\`"
    return None


def _absence(path: Path, *, folder: bool) -> Sequence[Diagnostic]:
    """Say that nothing is there to read, or nothing."""
    try:
        path.stat()
        if not path.is_dir():
            return ()
        if folder:
            mask_files(path)
            return ()
    except OSError as failed:
        return unreadable(path, failed).diagnostics
    except DiagnosticError as failed:
        return failed.diagnostics
    return (Diagnostic("IO002", "error", "this is a folder, not a file", path=str(path)),)


def _said(found: Diagnostic) -> str:
    """Say what is missing; of a file that is not there its path is enough."""
    return f"{found.path}" if found.code == "IO001" else f"{found.path} ({found.message})"


def _identities(path: Path) -> tuple[object, ...]:
    """Give what tells a file: its real path and, for hard links, its place on the disk."""
    real = os.path.realpath(path)
    try:
        found = os.stat(path)
    except OSError:
        return (real,)
    return (real, (found.st_dev, found.st_ino))


def _folders_above(path: Path) -> tuple[str, ...]:
    return tuple(str(folder) for folder in Path(os.path.realpath(path)).parents)


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()
