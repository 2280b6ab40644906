"""Running a plan on a case and writing what came of it, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vesalius.adapters.cases.load import CaseFiles, load_case
from vesalius.adapters.cases.loaded import LoadedCase
from vesalius.adapters.cases.report import ReportInputs, build_report, read_report
from vesalius.adapters.cases.rule_outcomes import Json, RuleOutcome, rule_outcomes
from vesalius.adapters.cases.trace_files import TRACE, add_trace
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.label_tables import LabelRow, itksnap_table, slicer_table
from vesalius.adapters.files.nifti_header import read_header
from vesalius.adapters.files.nifti_write import add_labels
from vesalius.engine.execute import Case, Result, execute
from vesalius.engine.labelmap import decode
from vesalius.engine.plan import Plan
from vesalius.engine.run_steps import Options
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import Scheme, structures_of
from vesalius.rules.compile.compiler import Compiled

LABELS, REPORT, ITKSNAP, SLICER = "labels.nii.gz", "report.json", "labels.txt", "labels.ctbl"


@dataclass(frozen=True)
class CaseRun:
    """A case that was run.

    Parameters
    ----------
    case : LoadedCase
        The files.
    plan : Plan
        What was run.
    result : Result
        What the engine made.
    outcomes : tuple of RuleOutcome
        What became of each rule.
    report : dict
        What :mod:`vesalius.adapters.cases.report` says of it.
    """

    case: LoadedCase
    plan: Plan
    result: Result
    outcomes: tuple[RuleOutcome, ...]
    report: Json

    @property
    def tokens(self) -> dict[int, str]:
        """Name of each work label; 0 is background."""
        return {0: "background"} | {work.label: work.token for work in self.plan.work}


def run_case(
    files: CaseFiles,
    compiled: Compiled,
    schemes: Mapping[str, Scheme],
    options: Options | None = None,
) -> CaseRun:
    """Read a case and run a plan on it; nothing is written.

    Parameters
    ----------
    files : CaseFiles
        What to read.
    compiled : Compiled
        The plan and its remarks.
    schemes : mapping of str to Scheme
        Scheme of each source, by token.
    options : Options, optional
        How rules are run.

    Returns
    -------
    CaseRun

    Raises
    ------
    DiagnosticError
        With every problem of the files.
    """
    return run_loaded(load_case(files, compiled.plan, schemes), compiled, schemes, options)


def run_loaded(
    case: LoadedCase,
    compiled: Compiled,
    schemes: Mapping[str, Scheme],
    options: Options | None = None,
) -> CaseRun:
    """Run a plan on a case that was read before; see :func:`run_case`."""
    result = execute(
        compiled.plan,
        Case(
            grid=case.grid,
            axes=case.axes,
            sources={source.token: source.labels for source in case.sources},
            metadata=case.metadata,
            image=case.image,
        ),
        options,
    )
    outcomes = rule_outcomes(compiled.pack, result.outcomes, compiled.idle) if compiled.pack else ()
    remarks: Sequence[Diagnostic] = (*compiled.diagnostics, *case.diagnostics)
    rules = compiled.pack.name if compiled.pack else None
    report = build_report(
        ReportInputs(case, compiled.plan, result, outcomes, rules, schemes, remarks)
    )
    return CaseRun(case, compiled.plan, result, outcomes, report)


def label_rows(target: Scheme, ontology: Ontology) -> list[LabelRow]:
    """Name and colour the integers of a target.

    Parameters
    ----------
    target : Scheme
        Gives integers and names.
    ontology : Ontology
        Gives colours.

    Returns
    -------
    list of LabelRow
    """
    rows = []
    for entry in target.entries:
        structures = structures_of(entry.target)
        if structures:
            color = ontology.get(structures[0], "color")
            rgb = (int(color[0]), int(color[1]), int(color[2])) if color else None
            rows.append(LabelRow(entry.integer, entry.name, rgb))
    return rows


def write_case(
    run: CaseRun, folder: Path, rows: Sequence[LabelRow], inputs: Sequence[Path]
) -> None:
    """Write label map, report, label tables and trace (if there is one) into a folder, all or none.

    Parameters
    ----------
    run : CaseRun
        What to write.
    folder : Path
        Where; made if need be.
    rows : sequence of LabelRow
        The integers of the target.
    inputs : sequence of Path
        Files that no output may replace.

    Raises
    ------
    DiagnosticError
        IO050 cannot be written, IO051 disk full, IO052 an output is an input.
    """
    stale = run.result.trace is None and _has_trace(folder / REPORT)
    with Outputs(folder, inputs) as outputs:
        _add_map(outputs, run, folder / LABELS, rows)
        outputs.write_json(folder / REPORT, run.report)
        outputs.write_text(folder / ITKSNAP, itksnap_table(rows))
        outputs.write_text(folder / SLICER, slicer_table(rows))
        if run.result.trace is not None:
            add_trace(outputs, folder / TRACE, run.result.trace, run.case)
    if stale:
        (folder / TRACE).unlink(missing_ok=True)


def _has_trace(report: Path) -> bool:
    """Tell whether a report of ours says that there is a trace beside it."""
    found = read_report(report)
    return found is not None and bool(found.get("trace"))


def write_map(run: CaseRun, path: Path, rows: Sequence[LabelRow], inputs: Sequence[Path]) -> None:
    """Write the label map alone, whole or not at all; see :func:`write_case`."""
    with Outputs(None, inputs) as outputs:
        _add_map(outputs, run, path, rows)


def _add_map(outputs: Outputs, run: CaseRun, path: Path, rows: Sequence[LabelRow]) -> None:
    # The type follows the target, not what happens to be in this case.
    largest = max((row.integer for row in rows), default=0)
    dtype = np.uint8 if largest <= np.iinfo(np.uint8).max else np.uint16
    like = read_header(run.case.reference).nifti
    add_labels(outputs, path, decode(run.result.labels, dtype), run.case.grid, like)
