"""A release of a cohort that was run: which cases come along, and where everything came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vesalius.adapters.cases.run_inputs import image_row, input_place
from vesalius.adapters.cohort.cohort_diagnostics import error
from vesalius.adapters.files.atomic import json_text
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.measures.cohort_output import with_reports
from vesalius.adapters.measures.review import DECISIONS, KEEP, REPAIR, read_decisions
from vesalius.adapters.release.release_folder import (
    Images,
    ReleaseCase,
    ReleaseJob,
    verdict_word,
    without_folders,
)
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.scheme.scheme import Scheme

_ORIGIN = ("cohort", "plan", "target", "rules", "sources")


def prepare_cohort_release(
    output: Path,
    record: Mapping[str, Any],
    folder: Path,
    target: Scheme,
    ontology: Ontology,
    *,
    images: Images = "none",
    review: bool = False,
) -> ReleaseJob:
    """Choose the cases of a release, and find their files.

    A case comes along if its verdict is `keep`, and no reader of a sample wants it repaired or
    discarded.

    Parameters
    ----------
    output : Path
        What `vesalius run cohort.yaml -o` wrote.
    record : mapping
        Its record.
    folder : Path
        Of the release.
    target : Scheme
        Of the label maps.
    ontology : Ontology
        Knows its structures.
    images : {"none", "link", "copy"}
        Whether the images come along.
    review : bool
        Whether cases in which errors remain, or which a reader wants repaired, come along.

    Raises
    ------
    DiagnosticError
        MEA016 for reports that are not what was written; MEA014 where the decisions of readers
        cannot be read; REL003 for files that are not there any more, and for another target.
    """
    rows = [row for row in record["cases"] if "labels" in row]
    decided = _decided(output)
    problems = _other_target(record["target"], target)
    cases = list(_cases(output, rows, decided, images, problems))
    if problems:
        raise DiagnosticError(problems)
    return ReleaseJob(
        folder=folder,
        name=record["cohort"],
        root=output,
        cases=cases,
        images=images,
        target=target,
        ontology=ontology,
        texts={"selection.json": json_text(record["selection"])},
        origin=lambda: {key: without_folders(record[key], key) for key in _ORIGIN},
        digest=file_digest,
        review=review,
        not_written={row["case"]: row["status"] for row in record["cases"] if "labels" not in row},
    )


def _cases(
    output: Path,
    rows: Iterable[Mapping[str, Any]],
    decided: Mapping[str, str],
    images: Images,
    problems: list[Diagnostic],
) -> Iterator[ReleaseCase]:
    for row, report in with_reports(output, rows):
        place = output / row["report"]
        image = None
        given = image_row(report)
        if images != "none" and given is not None:
            image = input_place(given, place.parent, report)
            if not image.is_file():
                text = f"the image of case `{row['case']}` is not there any more"
                hint = "put it back, or release without images"
                problems.append(error("REL003", text, None, hint, given["path"]))
        labels = output / row["labels"]
        if not labels.is_file():
            text = f"the label map of case `{row['case']}` is not there any more"
            hint = "run the cohort again: it is made anew, and the rest is not repeated"
            problems.append(error("REL003", text, None, hint, str(labels)))
        yield ReleaseCase(
            case=row["case"],
            labels=labels,
            report=place,
            image=image,
            readers=decided.get(row["case"], ""),
            verdict=verdict_word(report),
        )


def _other_target(written: str, target: Scheme) -> list[Diagnostic]:
    """Refuse a scheme that is not that of the label maps: its tables would name them wrongly."""
    if target.name == written:
        return []
    text = f"the label maps are written in `{written}`, not in `{target.name}`"
    hint = f"leave --target out, or give the file of `{written}`"
    return [error("REL003", text, None, hint)]


def _decided(output: Path) -> dict[str, str]:
    """Give the worst that any reader decided on each case.

    Who wants one structure of a case repaired or discarded wants the case repaired.
    """
    worst: dict[str, str] = {}
    for row in read_decisions(output):
        case, decision = row["case"], row["decision"]
        if row["structure"] and decision != KEEP:
            decision = REPAIR
        worst[case] = max(worst.get(case, KEEP), decision, key=DECISIONS.index)
    return worst
