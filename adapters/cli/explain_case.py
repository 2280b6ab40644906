"""The story of one voxel, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vesalius.adapters.cases.explain_voxel import BACKGROUND, VoxelStory, Writer, explain_voxel
from vesalius.adapters.cases.run_folder import read_run_folder
from vesalius.adapters.cases.source_voxel import Ijk, SourceVoxel
from vesalius.engine.grid import Grid
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, display_path


def explain_case(path: Path, at: str | None, at_mm: str | None) -> str:
    """Tell the story of one voxel of a result.

    Parameters
    ----------
    path : Path
        The output folder of a run, or the report of one of several cases in a folder.
    at : str or None
        Voxel index ``i,j,k``.
    at_mm : str or None
        Patient position ``x,y,z`` in mm (RAS+); its nearest voxel is told. Exactly one of both.

    Returns
    -------
    str
        Lines, without the last line break.

    Raises
    ------
    DiagnosticError
        EXP001 no output of a run; EXP002 outside the grid; EXP003 no three numbers; EXP004 files
        of several runs.
    """
    place = _numbers(at, "--at") if at_mm is None else _numbers(at_mm, "--at-mm")
    run = read_run_folder(path)
    return "\n".join(_lines(explain_voxel(run, _voxel(place, run.grid, at_mm is not None))))


def _numbers(text: str | None, option: str) -> tuple[float, float, float]:
    """Read three numbers; whole ones for voxel indices."""
    parts = [] if text is None else [part.strip() for part in text.split(",")]
    try:
        x, y, z = (float(part) for part in parts)
    except ValueError:
        raise _bad_numbers(f"`{option} {text}` is not three numbers", option) from None
    if not all(math.isfinite(value) for value in (x, y, z)):
        raise _bad_numbers(f"`{option} {text}` is no place", option)
    if option == "--at" and not all(value.is_integer() for value in (x, y, z)):
        raise _bad_numbers(f"`{option} {text}` is not three whole numbers", option)
    return x, y, z


def _bad_numbers(text: str, option: str) -> DiagnosticError:
    example = "`--at 12,40,7` is a voxel; `--at-mm -81.5,12,230` a position in mm, RAS+"
    return DiagnosticError([Diagnostic("EXP003", "error", text, help=example)])


def _voxel(place: tuple[float, float, float], grid: Grid, in_mm: bool) -> Ijk:
    index = np.rint(grid.to_ijk(place)) if in_mm else np.array(place)
    if not all(0 <= at < n for at, n in zip(index, grid.shape, strict=True)):
        raise _outside(place, grid, in_mm)
    i, j, k = (int(at) for at in index)
    return i, j, k


def _outside(place: tuple[float, float, float], grid: Grid, in_mm: bool) -> DiagnosticError:
    given = ", ".join(f"{value:g}" for value in place)
    if in_mm:
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in grid.shape])).reshape(3, -1).T
        points = grid.to_mm(corners)
        ranges = zip("xyz", points.min(axis=0), points.max(axis=0), strict=True)
        reach = ", ".join(f"{axis} {low:.1f} to {high:.1f}" for axis, low, high in ranges)
        text = f"({given}) mm is outside the result"
        hint = f"it reaches from {reach} mm (RAS+: right, front and up are positive)"
    else:
        lasts = zip("ijk", grid.shape, strict=True)
        hint = "the last voxel is " + ", ".join(f"{axis} {n - 1}" for axis, n in lasts)
        text = f"voxel ({given}) is outside the result"
    return DiagnosticError([Diagnostic("EXP002", "error", text, help=hint)])


def _lines(story: VoxelStory) -> Iterator[str]:
    i, j, k = story.ijk
    x, y, z = story.xyz_mm
    now = BACKGROUND if not story.integer else " or ".join(story.structures)
    yield f"({i}, {j}, {k})  =  ({x:.1f}, {y:.1f}, {z:.1f}) mm   now {now} ({story.integer})"
    rows = [*_source_rows(story), _merge_row(story), *_rule_rows(story)]
    width = max(len(row[1]) for row in rows)
    for kind, name, text, where in rows:
        line = f"  {kind:<7} {name:<{width}}  {text}"
        yield f"{line}   {where}" if where else line.rstrip()
    if story.content:
        plural = "other rule" if story.content == 1 else "other rules"
        yield f"  {story.content} {plural} about these structures found nothing to do here"


_Row = tuple[str, str, str, str]


def _source_rows(story: VoxelStory) -> Iterator[_Row]:
    for source in story.sources:
        yield "source", source.source, _said(source), ""


def _said(source: SourceVoxel) -> str:
    if source.integer is None:
        return f"{source.remark} ({display_path(source.path)})"
    said = "no label" if source.integer == 0 else str(source.integer)
    if source.name and source.claims != (source.name,):
        said += f" `{source.name}`"
    if source.claims:
        said += f" -> {' or '.join(source.claims)}"
    return f"{said}; {source.remark}" if source.remark else said


def _merge_row(story: VoxelStory) -> _Row:
    merged = story.merged
    said = " or ".join(merged.winners)
    for name, why in merged.losers:
        said += f", over {name} ({why})"
    if not any(source.claims for source in story.sources):
        said += ", for no source claims this place"
    if not merged.reliable:
        said += "; as far as the files tell"
    return "merge", "", said, ""


def _rule_rows(story: VoxelStory) -> Iterator[_Row]:
    for writer in story.writers:
        kind = "rule" if writer.certain else "may"
        yield kind, writer.rule, _move(writer), _where(writer.defined_at)
    if not story.writers:
        yield "rules", "", _unchanged(story), ""
    for other in story.bystanders:
        yield "not", other.rule, other.why, _where(other.defined_at)


def _move(writer: Writer) -> str:
    said = f"{' or '.join(writer.sources)} -> {writer.target}"
    return said if writer.certain else f"may have made {said}"


def _unchanged(story: VoxelStory) -> str:
    if not set(story.merged.winners) & set(story.structures):
        return "no rule is known to have changed this voxel; the files do not explain what it is"
    if not story.integer and story.merged.winners != (BACKGROUND,):
        return "no rule changed this voxel, and the target has no place for it"
    return "no rule changed this voxel"


def _where(defined_at: str) -> str:
    path, _, line = defined_at.rpartition(":")
    return f"{display_path(path)}:{line}"
