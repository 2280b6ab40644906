"""From selected cases to tasks: every file looked for, every place of output settled.

All that can be known before any work starts is found here, so that a run of days does not stop
at a file that was missing from the beginning.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.cases.load import CaseFiles
from vesalius.adapters.cases.loaded import PredictionFile
from vesalius.adapters.cases.run_case import ITKSNAP, LABELS, REPORT, SLICER
from vesalius.adapters.cohort.cohort_diagnostics import cases_in_words, error, lines
from vesalius.adapters.cohort.cohort_file import SEX, Cohort
from vesalius.adapters.cohort.path_template import FieldError, PathTemplate
from vesalius.adapters.cohort.selection import Selection, is_sex
from vesalius.adapters.files.io_diagnostics import unreadable
from vesalius.adapters.files.mask_folder import mask_files
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.document import YamlPath
from vesalius.ontology.validation import listing

TABLES = (ITKSNAP, SLICER)
"""Files that are the same for every case; written once where cases are single files."""
_VOLUME = ".nii.gz"


@dataclass(frozen=True)
class OutputPlace:
    """Where the files of a case go.

    Parameters
    ----------
    folder : Path
        Their folder.
    stem : str or None
        What their names begin with; None where the case has a folder of its own.
    """

    folder: Path
    stem: str | None

    def path(self, name: str) -> Path | None:
        """Give the place of one file of a case, or None where it is written once for all."""
        if self.stem is None:
            return self.folder / name
        if name == LABELS:
            return self.folder / f"{self.stem}{_VOLUME}"
        return None if name in TABLES else self.folder / f"{self.stem}.{name}"

    @property
    def report(self) -> Path:
        """The report of the case."""
        return self.folder / (REPORT if self.stem is None else f"{self.stem}.{REPORT}")

    @property
    def labels(self) -> Path:
        """The label map of the case."""
        return self.folder / (LABELS if self.stem is None else f"{self.stem}{_VOLUME}")

    def known(self) -> tuple[Path, ...]:
        """Give every file of a case whose name is known beforehand."""
        paths = (self.path(name) for name in (LABELS, REPORT, *TABLES))
        return tuple(path for path in paths if path is not None)


@dataclass(frozen=True)
class CaseTask:
    """A case to be run.

    Parameters
    ----------
    case : str
        Its name.
    files : CaseFiles
        What is read.
    place : OutputPlace
        Where the result goes.
    """

    case: str
    files: CaseFiles
    place: OutputPlace

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file or folder that is read."""
        image = () if self.files.image is None else (self.files.image,)
        return (*image, *(prediction.path for prediction in self.files.predictions))


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
    return Tasks(ready, dict(finder.incomplete), tuple(finder.problems))


class _Finder:
    """Collects tasks, what cases lack, and problems."""

    def __init__(self, cohort: Cohort, selection: Selection, output: Path) -> None:
        self.incomplete: dict[str, str] = dict(selection.incomplete)
        self.problems: list[Diagnostic] = list(selection.problems)
        self._cohort = cohort
        self._kept = selection.kept
        self._output = output

    def check_metadata(self) -> None:
        """Name every case without a row, and every one whose sex cannot be read."""
        cohort = self._cohort
        if cohort.metadata is None or cohort.table is None:
            return
        without = [case for case in self._kept if case not in cohort.rows]
        if without:
            number = cases_in_words(len(without))
            text = f"{number} without a row in `{cohort.table.path}`"
            span = cohort.document.span(("metadata", "table"))
            hint = f"names in column `{cohort.metadata.case}`: {listing(list(cohort.rows)[:5])}"
            self.problems.append(error("COH011", lines(text, without), span, hint))
            self._lack(without, "no row in the metadata table")
        if cohort.metadata.sex is None:
            return
        unread: dict[str, list[str]] = {}
        for case in self._kept:
            row = cohort.rows.get(case)
            if row is not None and not is_sex(row[SEX]):
                unread.setdefault(row[SEX], []).append(case)
        for value, cases in unread.items():
            number = cases_in_words(len(cases))
            said = f"says `{value}`, which is no sex," if value else "is empty"
            text = f"column `{cohort.metadata.sex}` {said} for {number}"
            span = cohort.document.span(("metadata", "sex"))
            hint = (
                f'say what it means: `values: {{sex: {{"{value}": unknown}}}}`, or male, or female'
            )
            self.problems.append(error("COH012", lines(text, cases), span, hint))
            self._lack(cases, f"sex `{value}`")

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
            text = f"the paths of {cases_in_words(len(rows))} cannot be written down"
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
            for path in task.place.known():
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
                PredictionFile(token, cohort.root / source.template.fill(fields))
                for token, source in zip(tokens, cohort.sources, strict=True)
            ),
            image=None if cohort.image is None else cohort.root / cohort.image.fill(fields),
            # The same as for a single case: what is not known is not said.
            metadata={} if sex == "unknown" else {SEX: sex},
            resample=cohort.resample,
        )
        return CaseTask(case, files, _place(cohort.output, fields, self._output))

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
        text = f"{len(cases)} of {cases_in_words(total)} without the file of {what}"
        rows = [f"{case}: {_said(found)}" for case, found in cases]
        hint = next((found.help for _, found in cases if found.help), None)
        span = self._cohort.document.span(at)
        self.problems.append(error("COH010", lines(text, rows), span, hint))
        for case, found in cases:
            self._lack([case], f"{what.strip('`')}: {_said(found)}")

    def _lack(self, cases: Sequence[str], what: str) -> None:
        for case in cases:
            self.incomplete.setdefault(case, what)


def _place(template: PathTemplate, fields: Mapping[str, str], output: Path) -> OutputPlace:
    text = template.fill(fields)
    path = output / text
    if ".." in path.relative_to(output).parts or Path(text).is_absolute():
        raise FieldError(f"`{text}` leads out of the output folder")
    if text.endswith("/"):
        return OutputPlace(path, None)
    return OutputPlace(path.parent, path.name.removesuffix(_VOLUME))


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
