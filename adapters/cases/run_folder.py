"""The output of a run, read back: report, label map, trace."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.map_result import LABELS, REPORT
from vesalius.adapters.cases.report import REPORT_SCHEMA
from vesalius.adapters.cases.report_file import DIGEST, is_whole
from vesalius.adapters.cases.trace_files import TRACE
from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS
from vesalius.adapters.files.claims import sweep
from vesalius.adapters.files.io_diagnostics import listing
from vesalius.adapters.files.json_files import parse_object
from vesalius.adapters.files.label_values import Labels
from vesalius.adapters.files.label_volume import LabelVolume, read_labels
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.side_files import REPORT_BYTES, UnfitFileError, read_side_file

Report = dict[str, Any]

_KEYS = frozenset(
    ("grid", "inputs", "sources", "structures", "conflicts", "lost", "painting_order", "outcomes",
     "steps", "trace", DIGEST)
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RunFolder:
    """What a run wrote for one case.

    Parameters
    ----------
    report : dict
        See :mod:`vesalius.adapters.cases.report`.
    grid : Grid
        Of label map and trace.
    labels : ndarray of uint8 or uint16, shape (i, j, k)
        Integers of the target.
    folder : Path
        Where the report lies.
    trace : ndarray of uint8 or uint16, shape (i, j, k), or None
        Number of the step that wrote each voxel last; 0 as merged. None where none was kept.
    """

    report: Report
    grid: Grid
    labels: Labels
    folder: Path
    trace: Labels | None


def is_trace(path: Path) -> bool:
    """Tell whether a file is the trace of a run, whose report lies beside it, and no label map."""
    name = path.name
    if name != TRACE and not name.endswith(f".{TRACE}"):
        return False
    return path.with_name(f"{name.removesuffix(TRACE)}{REPORT}").exists()


def read_run_folder(path: Path) -> RunFolder:
    """Read what a run wrote.

    Parameters
    ----------
    path : Path
        An output folder, or the report of a case in a folder of several.

    Returns
    -------
    RunFolder

    Raises
    ------
    DiagnosticError
        EXP001 no output of a run; EXP004 the files are not of one run; IO0xx a file that cannot
        be read.
    """
    report_path = path / REPORT if path.is_dir() else path
    # What a killed run had begun to put into its place belongs together.
    sweep(report_path.parent)
    report = read_run_report(report_path, path)
    grid = Grid(tuple(report["grid"]["shape"]), np.array(report["grid"]["affine"]))
    before = report_path.name.removesuffix(REPORT)
    labels_path = report_path.with_name(before.rstrip(".") + ".nii.gz" if before else LABELS)
    labels = read_labels(labels_path)
    _check_grid(labels, grid)
    _check_counts(labels, report)
    trace = None
    if report["trace"] is not None:
        volume = read_labels(report_path.with_name(before + report["trace"]))
        _check_grid(volume, grid)
        trace = volume.array
        _check_steps(volume, len(report["steps"]))
    return RunFolder(report, grid, labels.array, report_path.parent, trace)


def read_run_report(path: Path, given: Path) -> Report:
    """Read the report of a run.

    Parameters
    ----------
    path : Path
        The report.
    given : Path
        What the reader named; the same, or its folder.

    Raises
    ------
    DiagnosticError
        EXP001 where it is none, or not what was written.
    """
    try:
        text = read_side_file(path, REPORT_BYTES).decode("utf-8")
        report = parse_object(text)
    except UnfitFileError as error:
        raise _no_run(path, f"the report cannot be read: {error.strerror}") from None
    except (OSError, UnicodeDecodeError):
        raise _no_run(given, _not_read(path, given)) from None
    except json.JSONDecodeError as error:
        text = f"the report is damaged at line {error.lineno}: {error.msg}"
        raise _no_run(path, text) from None
    except ValueError as error:
        raise _no_run(path, f"this is no report of a run: {error}") from None
    if report.get("schema") != REPORT_SCHEMA:
        raise _no_run(path, f"this is no report of a run (`{REPORT_SCHEMA}`)")
    missing = sorted(_KEYS - set(report))
    if missing:
        listed = listing([f"`{key}`" for key in missing], 3)
        raise _no_run(path, f"the report is of another version: it lacks {listed}")
    if not is_whole(report, text):
        raise _no_run(path, "the report was changed after it was written")
    return report


def _not_read(path: Path, given: Path) -> str:
    if not given.exists():
        return "there is no such folder or report"
    return f"there is no `{path.name}` in this folder" if given.is_dir() else "this is no report"


def _no_run(path: Path, text: str) -> DiagnosticError:
    hint = "give the folder that `vesalius run -o` wrote; a new run makes it whole"
    return DiagnosticError([Diagnostic("EXP001", "error", text, path=str(path), help=hint)])


def _check_grid(volume: LabelVolume, grid: Grid) -> None:
    if grid.offset_mm(volume.grid) > GRID_TOLERANCE_VOXELS * min(grid.spacing_mm):
        raise _other_run(volume, "lies on another grid than the report says")


def _check_counts(labels: LabelVolume, report: Report) -> None:
    wanted: dict[int, int] = {}
    for row in report["structures"]:
        wanted[row["integer"]] = wanted.get(row["integer"], 0) + row["voxels"]
    counts = _counts(labels.array)
    found = {int(at): int(counts[at]) for at in np.flatnonzero(counts) if at}
    different = sorted(at for at in {*wanted, *found} if wanted.get(at, 0) != found.get(at, 0))
    if different:
        first = different[0]
        raise _other_run(
            labels,
            f"has {found.get(first, 0):,} voxels of {first} where the report has "
            f"{wanted.get(first, 0):,}",
        )


def _check_steps(trace: LabelVolume, steps: int) -> None:
    last = int(trace.array.max())
    if last > steps:
        raise _other_run(trace, f"names step {last}, and the report has {steps}")


def _counts(labels: Labels) -> NDArray[np.int64]:
    counts = np.zeros(np.iinfo(labels.dtype).max + 1, np.int64)
    for k in range(labels.shape[2]):
        counts += np.bincount(labels[:, :, k].ravel(order="K"), minlength=counts.size)
    return counts


def _other_run(volume: LabelVolume, text: str) -> DiagnosticError:
    hint = "the file was changed, or is of another run; run the case again"
    return DiagnosticError([Diagnostic("EXP004", "error", text, path=volume.path, help=hint)])
