"""One label map that was made: voxels, what was found and changed, and its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.briefs import Prepared, tokens_of
from vesalius.adapters.cases.case_verdict import (
    CaseSummary,
    CaseVerdict,
    case_summary,
    case_verdict,
    remaining_findings,
)
from vesalius.adapters.cases.file_names import RUN_FROM, run_from
from vesalius.adapters.cases.loaded import LoadedCase
from vesalius.adapters.cases.outcome_rows import own_rows
from vesalius.adapters.cases.report import build_report, report_rows
from vesalius.adapters.cases.report_file import (
    one_line,
    read_report,
    signed_line,
    with_digest,
)
from vesalius.adapters.cases.rule_findings import Json, Row, RuleChange, RuleFinding
from vesalius.adapters.cases.rule_outcomes import RuleOutcome, rule_outcomes, with_final
from vesalius.adapters.cases.trace_files import TRACE, add_trace
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.adapters.files.label_tables import LabelRow, itksnap_table, slicer_table
from vesalius.adapters.files.nifti_write import add_labels, label_header
from vesalius.engine.execute import Result
from vesalius.engine.judging.changes import changes
from vesalius.engine.plan.plan import Plan
from vesalius.engine.runs.labelmap import decode
from vesalius.ontology.reading.diagnostics import Diagnostic

if TYPE_CHECKING:
    from nibabel.spatialimages import SpatialImage

LABELS, REPORT, ITKSNAP, SLICER = "labels.nii.gz", "report.json", "labels.txt", "labels.ctbl"


@dataclass(frozen=True, eq=False, repr=False)
class MapResult:
    """A label map in the integers of a target scheme, and how it came to be.

    Parameters
    ----------
    case : LoadedCase
        What was read.
    plan : Plan
        What was run.
    made : Result
        What the engine made of it, as runs.
    outcomes : tuple of RuleOutcome
        What became of each rule, in the order they ran.
    rows : tuple of LabelRow
        Integers, names and colours of the target.
    verdict : CaseVerdict
        Whether the case is kept, to be looked at, or left out, and why.
    summary : CaseSummary
        What remains and what was changed, in figures.
    told : dict
        All of it as JSON values, without their digest; some are those of other cases too, so
        nobody may change them.
    """

    case: LoadedCase
    plan: Plan
    made: Result
    outcomes: tuple[RuleOutcome, ...]
    rows: tuple[LabelRow, ...]
    verdict: CaseVerdict
    summary: CaseSummary
    told: Json

    @cached_property
    def report(self) -> Json:
        """All of it as JSON values (schema ``report/2``), as `vesalius run` writes it."""
        return with_digest(own_rows(self.told), one_line)

    def __repr__(self) -> str:
        """Say in a line what came of it: a notebook shows it."""
        of = listing([source.path for source in self.case.predictions], 2)
        changed = f"{plural(self.changed_voxels, 'voxel')} changed by rules"
        return f"<MapResult of {of}, in {self.plan.target}: {changed}; {self.in_words()}>"

    def in_words(self) -> str:
        """Give how many findings remain, and the verdict."""
        counts = [plural(n, word) for word, n in self.summary.findings.items() if n]
        return f"{', '.join(counts) or 'no finding'}; verdict {self.verdict.word}"

    @cached_property
    def array(self) -> NDArray[Any]:
        """Integers of the target.

        Returns
        -------
        ndarray of uint8 or uint16, shape (i, j, k)
            Read-only, in the storage order of the file the result is like; `.copy()` gives one
            to write into.
        """
        array = decode(self.made.labels, self._dtype)
        array.setflags(write=False)
        return array

    @property
    def affine(self) -> NDArray[np.float64]:
        """Voxel index (i, j, k, 1) to patient position in mm, RAS+; shape (4, 4)."""
        return self.case.grid.affine.copy()

    @cached_property
    def names(self) -> dict[int, str]:
        """Name of each integer of the target."""
        return {row.integer: row.name for row in self.rows}

    @cached_property
    def findings(self) -> tuple[RuleFinding, ...]:
        """What rules find in what is written, after all that was repaired."""
        return remaining_findings(self.outcomes, self.tokens)

    @cached_property
    def changes(self) -> tuple[RuleChange, ...]:
        """What rules changed, in the order they ran."""
        return tuple(change for outcome in self.outcomes for change in outcome.changes(self.tokens))

    @property
    def changed_voxels(self) -> int:
        """How many voxels rules changed; one that several rules moved on counts once."""
        return self.summary.voxels_changed

    @property
    def excluded_by(self) -> tuple[str, ...]:
        """Rules that leave this case out."""
        return tuple(o.rule.id for o in self.outcomes if o.excludes_case)

    @property
    def remarks(self) -> tuple[Diagnostic, ...]:
        """What reading the inputs had to say."""
        return self.case.diagnostics

    @cached_property
    def tokens(self) -> dict[int, str]:
        """Name of each work label of the plan; 0 is background."""
        return tokens_of(self.plan)

    def table(self) -> list[Row]:
        """List the structures of the map, one plain dict each.

        Returns
        -------
        list of dict
            Keys: integer, structure, voxels, ml. ``pandas.DataFrame(result.table())`` works.
        """
        return [
            {key: row[key] for key in ("integer", "structure", "voxels", "ml")}
            for row in report_rows(self.report, "structures")
        ]

    def to_nibabel(self) -> SpatialImage:
        """Give the image that `save` would write.

        Returns
        -------
        nibabel.Nifti1Image
            A Nifti2Image where an axis is longer than NIfTI-1 can say.
        """
        import nibabel as nib  # noqa: PLC0415 - only where it is asked for

        header = label_header(self.case.grid, np.dtype(self._dtype), self.case.header)
        kind = nib.Nifti2Image if isinstance(header, nib.Nifti2Header) else nib.Nifti1Image
        voxels, affine = self.array.copy(order="K"), header.get_best_affine()
        image: SpatialImage = kind(voxels, affine, header)  # type: ignore[no-untyped-call]
        return image

    def save(self, path: str | Path) -> None:
        """Write the label map, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Ends in ``.nii.gz`` or ``.nii``.

        Raises
        ------
        DiagnosticError
            IO050 cannot be written, IO051 disk full, IO052 it is one of the inputs.
        """
        with Outputs(None, self.case.inputs) as outputs:
            self._add_map(outputs, Path(path))

    def save_folder(self, folder: str | Path) -> None:
        """Write what `vesalius run` writes: label map, report, label tables, trace; all or none.

        Parameters
        ----------
        folder : str or Path
            Where; made if need be.

        Raises
        ------
        DiagnosticError
            IO050 cannot be written, IO051 disk full, IO052 an output is one of the inputs.
        """
        folder = Path(folder)
        trace = self.made.trace
        stale = trace is None and _has_trace(folder / REPORT)
        with Outputs(folder, self.case.inputs) as outputs:
            self.add_files(outputs, partial(Path.joinpath, folder))
            outputs.write_text(folder / REPORT, self.signed_in(folder)[1])
            if stale:
                outputs.remove(folder / TRACE)

    def add_files(
        self, outputs: Outputs, place_of: Callable[[str], Path | None]
    ) -> tuple[Path, ...]:
        """Write all files but the report, as some of several outputs.

        Parameters
        ----------
        outputs : Outputs
            Written all or none.
        place_of : callable
            Gives the place of a file by its name in a folder of its own; None leaves it out.

        Returns
        -------
        tuple of Path
            Where they will be.
        """
        texts = {ITKSNAP: itksnap_table, SLICER: slicer_table}
        written: list[Path] = []
        for name in (LABELS, *texts, *(() if self.made.trace is None else (TRACE,))):
            path = place_of(name)
            if path is None:
                continue
            written.append(path)
            if name == LABELS:
                self._add_map(outputs, path)
            elif name in texts:
                outputs.write_text(path, texts[name](self.rows))
            elif self.made.trace is not None:
                add_trace(outputs, path, self.made.trace, self.case)
        return tuple(written)

    def signed_in(self, folder: Path, **more: object) -> tuple[Json, str]:
        """Give the report as it is written into a folder, and its text.

        Parameters
        ----------
        folder : Path
            From where it leads to its inputs.
        **more
            What else it says.
        """
        start = run_from(folder, self.case.inputs)
        return signed_line({**self.told, **({} if start is None else {RUN_FROM: start}), **more})

    @property
    def _dtype(self) -> type[np.unsignedinteger[Any]]:
        # The type follows the target, not what happens to be in this case.
        largest = max((row.integer for row in self.rows), default=0)
        return np.uint8 if largest <= np.iinfo(np.uint8).max else np.uint16

    def _add_map(self, outputs: Outputs, path: Path) -> None:
        where = self.case.grid, self.case.header
        add_labels(outputs, path, self.made.labels, *where, dtype=self._dtype)


def map_result(
    case: LoadedCase,
    prepared: Prepared,
    made: Result,
    asked: Json,
) -> MapResult:
    """Say of what the engine made which rule did what, and report it.

    Parameters
    ----------
    case : LoadedCase
        What was read.
    prepared : Prepared
        The plan that was run, its rules, schemes and remarks.
    made : Result
        What came of it.
    asked : dict
        How rules and merge were chosen, for the report.
    """
    pack = prepared.pack
    outcomes: tuple[RuleOutcome, ...] = ()
    if pack is not None:
        outcomes = rule_outcomes(pack, made.outcomes, prepared.idle)
        if made.final is not made.outcomes:
            final = rule_outcomes(pack, made.final, prepared.reading_idle)
            outcomes = with_final(outcomes, final)
    tokens = tokens_of(prepared.plan)
    is_empty = not any(len(source.labels) for source in case.predictions)
    verdict = case_verdict(outcomes, tokens, is_empty)
    found = changes(made.merged, made.work)
    voxels = int((found.stop - found.start).sum())
    summary = case_summary(outcomes, tokens, voxels, case.grid.voxel_ml)
    told = build_report(case, prepared, made, outcomes, verdict, summary, asked)
    return MapResult(case, prepared.plan, made, outcomes, prepared.rows, verdict, summary, told)


def _has_trace(report: Path) -> bool:
    """Tell whether a report of ours says that there is a trace beside it."""
    found = read_report(report)
    return found is not None and bool(found.get("trace"))
