"""What the index shows: the verdict, the table of cases, the heat map, what was not judged."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Mapping
from textwrap import shorten
from typing import Any

from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.file_names import RUN_FROM
from vesalius.adapters.report.record import WORDS, CaseRecord, RuleCell, RunRecord

SAID = {
    "keep": "kept", "review": "to review", "exclude": "excluded", "failed": "failed",
    "incomplete": "files missing", "open": "not run yet",
}  # fmt: skip
"""What the pages call each word of a verdict."""
MARKS = {
    "error": "E", "warning": "W", "info": "i", "changed": "c", "unable": "?", "holds": "",
    "none": "–",
}  # fmt: skip
"""What a cell of the heat map shows: never its colour alone."""
_WORDS = 120
"""Characters that a cell says at most; the page of its case, and a table below, have all."""
_FLAGS = ("unsafe", "trace", "resample", "trust_image_geometry")


def index_context(record: RunRecord, pages: Mapping[str, str], reasons: int) -> dict[str, Any]:
    """Give what the template of the index is filled with.

    Parameters
    ----------
    record : RunRecord
        The run.
    pages : mapping of str to str
        File name of the page of each case.
    reasons : int
        How many reasons of a case are told; its page tells all.
    """
    rules = _rules_that_acted(record)
    counts = Counter(case.word for case in record.cases)
    return {
        "name": record.name,
        "cohort": record.cohort,
        "verdicts": [(word, SAID[word], counts[word]) for word in reversed(WORDS)
                     if counts[word] or word in ("keep", "review", "exclude")],
        "pages": pages,
        "reasons": _reasons(record),
        "most_reasons": reasons,
        "cases": [_case_row(case, pages) for case in record.cases],
        "rules": rules,
        "quiet": len({rule for case in record.cases for rule in case.rules}) - len(rules),
        "heat": [
            (case, pages.get(case.name), [_cell(case.rules.get(rule)) for rule in rules])
            for case in record.cases if case.rules
        ],
        "marks": MARKS,
        "skipped": _skipped(record),
        "not_judged": Counter(w for case in record.cases for w in case.not_judged).most_common(),
        "selection": record.about.get("selection"),
        "facts": _facts(record),
        "digests": [(case.name, case.sha256) for case in record.cases if case.sha256],
        "command": repeat_command(record),
    }  # fmt: skip


def repeat_command(record: RunRecord) -> tuple[str, str]:
    """Give the command that makes the run again, and what is to be known of it."""
    about = record.about
    if record.cohort:
        return _repeat_cohort(record)
    words = ["vesalius", "run"]
    schemes = {row["source"]: row["scheme"] for row in about["sources"]}
    for row in about["inputs"]:
        if row["role"] == "image":
            words += ["-i", row["path"]]
        else:
            words += ["-p", f"{schemes[row['source']]}={row['path']}"]
    words += ["-t", about["target"]]
    if "sex" in about["metadata"]:
        words += ["--sex", about["metadata"]["sex"]]
    said = []
    if "asked" in about:
        words += _options(about["asked"])
        if not isinstance(about["asked"]["unsafe"], bool):
            said.append("Unsafe repairs of single rules were asked for; that only Python can.")
    else:
        words += ["--rules", about["rules"] or "none"]
        said.append(
            "The record is of an older version and does not keep --select, --unsafe, --merge and"
            " --prefer: add them where the run had them."
        )
    if about.get(RUN_FROM):
        said.append(f"The run was started in {about[RUN_FROM]}, seen from the output folder.")
    return shlex.join([*words, "-o", str(record.folder)]), " ".join(said)


def _options(asked: Mapping[str, Any]) -> list[str]:
    """Give the options that say how rules and merge were chosen."""
    words = [word for name in asked["rules"] or ["none"] for word in ("--rules", name)]
    words += [word for pattern in asked["select"] for word in ("--select", pattern)]
    words += [f"--{name.replace('_', '-')}" for name in _FLAGS if asked[name] is True]
    if asked["merge"] != "union":
        words += ["--merge", asked["merge"]]
    return words + [word for source in asked["prefer"] for word in ("--prefer", source)]


def _repeat_cohort(record: RunRecord) -> tuple[str, str]:
    said = "Cases that were done before are not run again without --force."
    file = record.about.get("file")
    if file is None:
        file = "COHORT.yaml"
        said = f"COHORT.yaml stands for the file that declares cohort `{record.name}`. {said}"
    else:
        file = os.path.normpath(record.folder / file)
    return shlex.join(["vesalius", "run", file, "-o", str(record.folder)]), said


def view_command(record: RunRecord, case: CaseRecord) -> str:
    """Give the command that shows a case in 3-D and slice by slice."""
    words = ["vesalius", "view", str(record.folder)]
    return shlex.join([*words, case.name] if record.cohort else words)


def _reasons(record: RunRecord) -> list[tuple[str, list[tuple[CaseRecord, tuple[str, ...]]]]]:
    """List the cases that are not simply kept, by verdict, the worst first, with their reasons."""
    found: dict[str, list[tuple[CaseRecord, tuple[str, ...]]]] = {}
    for case in record.cases:
        if case.word != "keep" or case.why:
            found.setdefault(SAID[case.word], []).append((case, _gravest_first(case)))
    return list(found.items())


def _gravest_first(case: CaseRecord) -> tuple[str, ...]:
    """Sort what a verdict rests on: the rule of the worst finding, then by how many remain."""
    worst = ((case.summary or {}).get("worst") or {}).get("rule")

    def gravity(reason: str) -> tuple[bool, int]:
        rule = reason.partition(": ")[0]
        cell = case.rules.get(rule)
        return rule != worst, -cell.remains if cell else 0

    return tuple(sorted(case.why, key=gravity))


def _case_row(case: CaseRecord, pages: Mapping[str, str]) -> dict[str, Any]:
    worst = None if case.summary is None else case.summary["worst"]
    return {
        "name": case.name,
        "page": pages.get(case.name),
        "word": case.word,
        "said": SAID[case.word],
        "rank": WORDS.index(case.word),
        "counts": None if case.summary is None else [case.found(s) for s in SEVERITIES],
        "worst": worst["message"] if worst else "; ".join(case.why[:1]),
        "worst_rule": worst["rule"] if worst else "",
        "rules_changed": None if case.summary is None else case.summary["rules_changed"],
        "ml_changed": None if case.summary is None else case.summary["ml_changed"],
    }


def _rules_that_acted(record: RunRecord) -> list[str]:
    """Give the rules that found or changed something in any case, in their order."""
    order = list(dict.fromkeys(rule for case in record.cases for rule in case.rules))
    acted = {
        rule
        for case in record.cases
        for rule, cell in case.rules.items()
        if cell.remains or cell.changed_voxels
    }
    return [rule for rule in order if rule in acted]


def _cell(cell: RuleCell | None) -> tuple[str, int, str]:
    """Give sort, number and words of a cell of the heat map."""
    if cell is None:
        return "none", 0, "not in this case's plan"
    if cell.remains:
        return cell.severity, cell.remains, f"{cell.severity}: {cell.remains} remain"
    if cell.changed_voxels:
        return "changed", 0, f"changed {cell.changed_voxels:,} voxels, nothing remains"
    if cell.reason:
        return "unable", 0, shorten(f"could not judge: {cell.reason}", _WORDS, placeholder=" …")
    return "holds", 0, "holds"


def _skipped(record: RunRecord) -> list[tuple[str, str, int]]:
    """Say which rules could not judge and why, and in how many cases."""
    found = Counter(
        (rule, cell.reason)
        for case in record.cases
        for rule, cell in case.rules.items()
        if cell.reason
    )
    return [(rule, reason, number) for (rule, reason), number in sorted(found.items())]


def _facts(record: RunRecord) -> list[tuple[str, str]]:
    about = record.about
    plans = sorted({case.plan for case in record.cases if case.plan} | {about["plan"]})
    return [
        ("Program", about["tool"]),
        ("Output folder", str(record.folder)),
        ("Scheme of the label maps", about["target"]),
        ("Rules", about["rules"] or "none"),
        *(("Source", f"{row['source']} (scheme {row['scheme']})") for row in about["sources"]),
        *(("Digest of the plan (sha256)", plan) for plan in plans),
        ("Digest of the record (sha256)", about["sha256"]),
    ]
