"""Which segmentations are measured: files, folders of masks, folders of cases, outputs of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.map_result import LABELS, REPORT
from vesalius.adapters.cases.run_folder import is_trace
from vesalius.adapters.cases.run_inputs import image_row, input_place
from vesalius.adapters.files.io_diagnostics import listing, plural, unreadable
from vesalius.adapters.files.nifti_names import is_nifti_name
from vesalius.adapters.measures.case_names import case_name
from vesalius.adapters.measures.cohort_output import cohort_record, with_reports
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.scheme import Scheme


@dataclass(frozen=True)
class FoundCase:
    """A case that was found.

    Parameters
    ----------
    name : str
        Its name.
    path : Path
        The label map, or a folder with one mask per class.
    image : Path or None
        Its CT, where a report says so.
    report : Path or None
        The report of the run that made it.
    metadata : mapping of str to str
        What that report says of the patient.
    """

    name: str
    path: Path
    image: Path | None = None
    report: Path | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def find_cases(paths: Sequence[Path], scheme: Scheme) -> list[FoundCase]:
    """Find cases by what is given.

    A file is a case. A folder is one where a file in it is called as a class of the scheme is (a
    folder of masks); else it is a folder of cases: its NIfTI files, its folders of masks and those
    with a ``labels.nii.gz``; a folder called as a NIfTI file is a case that cannot be read. An
    output folder of a cohort has the cases that its report names.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    scheme : Scheme
        Tells folders of masks.

    Returns
    -------
    list of FoundCase
        As given; those of one folder by name.

    Raises
    ------
    DiagnosticError
        MEA001 where a folder has no case, MEA002 where two cases have one name, MEA016 where what a
        cohort wrote was changed, IO001 where a path leads nowhere.
    """
    found: list[FoundCase] = []
    problems: list[Diagnostic] = []
    for path in paths:
        try:
            found += _cases_of(path, scheme)
        except DiagnosticError as error:
            problems += error.diagnostics
    problems += _twice(found)
    if problems:
        raise DiagnosticError(problems)
    return found


def cohort_target(path: Path) -> str | None:
    """Give the scheme of the label maps in an output folder of a cohort; None for others.

    Raises
    ------
    DiagnosticError
        MEA016 where the record was changed.
    """
    record = cohort_record(path)
    return None if record is None else str(record["target"])


def _cases_of(path: Path, scheme: Scheme) -> list[FoundCase]:
    if not path.exists():
        raise unreadable(path, FileNotFoundError(2, "no such file"))
    if not path.is_dir():
        return [FoundCase(case_name(path), path, report=_report_beside(path))]
    record = cohort_record(path)
    if record is not None:
        return list(_cohort_cases(path, record))
    if is_mask_folder(path, scheme):
        return [FoundCase(case_name(path), path)]
    found = [case for inner in sorted(path.iterdir()) for case in _inside(inner, scheme)]
    if not found:
        text = "this folder has no segmentation"
        hint = (
            "a segmentation is a NIfTI file, a folder of masks named as the classes of "
            f"`{scheme.name}`, or a folder with a {LABELS}"
        )
        raise DiagnosticError([Diagnostic("MEA001", "error", text, path=str(path), help=hint)])
    return found


def _inside(path: Path, scheme: Scheme) -> Iterator[FoundCase]:
    if path.name.startswith("."):
        return
    if not path.is_dir():
        if is_nifti_name(path.name) and not is_trace(path):
            yield FoundCase(case_name(path), path, report=_report_beside(path))
    elif (path / LABELS).exists():
        yield FoundCase(path.name, path / LABELS, report=_report_beside(path / LABELS))
    elif is_mask_folder(path, scheme) or is_nifti_name(path.name):
        # A folder that is called as a file is told of where it is read.
        yield FoundCase(path.name, path)


def _report_beside(path: Path) -> Path | None:
    """Find the report of the run that wrote a label map."""
    name = REPORT if path.name == LABELS else f"{case_name(path)}.{REPORT}"
    return path.with_name(name) if path.with_name(name).exists() else None


def is_mask_folder(path: Path, scheme: Scheme) -> bool:
    """Tell whether a file in a folder is called as a class of a scheme is."""
    names = {
        scheme.folder.replace("{name}", entry.name).replace("{integer}", str(entry.integer)).lower()
        for entry in scheme.entries
    }
    names |= {name.removesuffix(".gz") for name in names}
    return any(inner.name.lower() in names for inner in path.iterdir())


def _cohort_cases(folder: Path, record: Mapping[str, Any]) -> Iterator[FoundCase]:
    written = (row for row in record["cases"] if row["status"] == "written")
    for row, report in with_reports(folder, written):
        place = folder / row["report"]
        given = image_row(report)
        image = None if given is None else input_place(given, place.parent, report)
        metadata = {str(key): str(value) for key, value in report["metadata"].items()}
        yield FoundCase(row["case"], folder / row["labels"], image, place, metadata)


def _twice(found: Sequence[FoundCase]) -> list[Diagnostic]:
    places: dict[str, list[str]] = {}
    for case in found:
        places.setdefault(case.name, []).append(str(case.path))
    return [
        Diagnostic(
            "MEA002",
            "error",
            f"{plural(len(where), 'segmentation')} would be called case `{name}`: {listing(where)}",
            help="give the folder that they are told apart in, or rename them",
        )
        for name, where in places.items()
        if len(where) > 1
    ]
