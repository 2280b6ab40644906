"""What the stages with our engine do: merge and repair; links to files by case."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vesalius.adapters.cohort.case_task import CaseTask
from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.cohort.cohort_record import COHORT_REPORT, COHORT_TABLE
from vesalius.adapters.files.atomic import write_text
from vesalius.adapters.files.claims import CLAIMED, claimed
from vesalius.adapters.selftrain.screen import Screen
from vesalius.adapters.selftrain.written_cohorts import WrittenCohort
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.document import Document
from vesalius.ontology.reading.side_files import YAML_BYTES, read_side_file


def cohort_path(work: Path, name: str) -> Path:
    """Give the place of a cohort file that a pipeline writes."""
    return work / "cohorts" / f"{name}.yaml"


def write_cohort(written: WrittenCohort, work: Path) -> Path:
    """Write a cohort file where it is not written yet."""
    path = cohort_path(work, written.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or read_side_file(path, YAML_BYTES) != written.text.encode("utf-8"):
        write_text(path, written.text)
    return path


def run(
    written: WrittenCohort,
    work: Path,
    output: Path,
    tasks: Sequence[CaseTask],
    workers: int,
    screen: Screen,
) -> list[Path]:
    """Run a cohort; cases that were done before stay.

    Returns
    -------
    list of Path
        What was written; a case that a rule excludes has its files elsewhere, or none.

    Raises
    ------
    Exception
        Whatever the screen raises where cases failed; the others are in place then.
    """
    screen.run_cohort(write_cohort(written, work), output, workers)
    places = [task.place for task in tasks]
    places += [task.excluded for task in tasks if task.excluded is not None]
    files = [file for place in places for file in (place.labels, place.report) if file.is_file()]
    tables = ("labels.txt", "labels.ctbl")
    return [*files, *(output / name for name in (COHORT_REPORT, COHORT_TABLE, *tables))]


def kept(tasks: Sequence[CaseTask]) -> dict[str, Path]:
    """Give the label map of each case that no rule excludes, once the cohort was run."""
    return {task.case: task.place.labels for task in tasks if task.place.labels.is_file()}


def image_ending(tasks: Sequence[CaseTask], document: Document) -> tuple[str, list[Diagnostic]]:
    """Give the ending that all images have, as nnU-Net wants it.

    Returns
    -------
    str
        ``.nii.gz`` or ``.nii``.
    list of Diagnostic
        STR006 where they differ.
    """
    images = [task.files.image for task in tasks if task.files.image is not None]
    endings = sorted({".nii" if path.name.endswith(".nii") else ".nii.gz" for path in images})
    if len(endings) <= 1:
        return (endings[0] if endings else ".nii.gz"), []
    text = "some images end in `.nii` and others in `.nii.gz`; nnU-Net wants one file format"
    span = document.span(("cohort",), key=True)
    return endings[0], [error("STR006", text, span, "compress all of them, or none")]


def images_folder(work: Path) -> Path:
    """Give the folder of links to the cohort's images."""
    return work / "images"


def link_cases(folder: Path, files: Mapping[str, Path], ending: str) -> None:
    """Show files under the names of their cases, and nothing else, in a folder of links.

    Several processes may do this at once: links that are right are not touched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {f"{case}{ending}": os.path.abspath(path) for case, path in files.items()}
    with claimed(folder) as claim:
        for place in folder.iterdir():
            ours = place.is_symlink() and not place.name.startswith(CLAIMED)
            if ours and place.name not in wanted:
                place.unlink(missing_ok=True)
        for name, target in wanted.items():
            place = folder / name
            if place.is_symlink() and os.readlink(place) == target:
                continue
            new = claim.path()
            os.symlink(target, new)
            os.replace(new, place)
