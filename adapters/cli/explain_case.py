"""The story of one voxel, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vesalius.adapters.cases.explain_voxel import VoxelStory, explain_voxel
from vesalius.adapters.cases.file_names import RUN_FROM, place_of
from vesalius.adapters.cases.run_folder import RunFolder, read_run_folder
from vesalius.adapters.cases.source_voxel import Ijk
from vesalius.adapters.cases.story_text import content_text, now_text, story_rows
from vesalius.adapters.cli.terminal import beside
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.project import Project
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, display_path


def explain_case(
    path: Path,
    at: str | None,
    at_mm: str | None,
    width: int | None = None,
    project: Project | None = None,
) -> str:
    """Tell the story of one voxel of a result.

    Parameters
    ----------
    path : Path
        The output folder of a run, or the report of one of several cases in a folder.
    at : str or None
        Voxel index ``i,j,k``.
    at_mm : str or None
        Patient position ``x,y,z`` in mm (RAS+); its nearest voxel is told. Exactly one of both.
    width : int or None
        Columns of a line; None for one line each.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.

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
    story = explain_voxel(run, _voxel(place, run.grid, at_mm is not None), project)
    return "\n".join(_lines(story, width, run))


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


def _lines(story: VoxelStory, columns: int | None, run: RunFolder) -> Iterator[str]:
    i, j, k = story.ijk
    x, y, z = story.xyz_mm
    head = f"({i}, {j}, {k})  =  ({x:.1f}, {y:.1f}, {z:.1f}) mm   "
    yield from beside(head, now_text(story), columns)
    rows = story_rows(story)
    width = max(len(row.name) for row in rows)
    for row in rows:
        said = f"{row.text}   {_where(row.where, run)}" if row.where else row.text
        for line in beside(f"  {row.kind:<7} {row.name:<{width}}  ", said, columns):
            yield line.rstrip()
    if story.content:
        yield from beside("  ", content_text(story), columns)


def _where(defined_at: str, run: RunFolder) -> str:
    name, _, line = defined_at.rpartition(":")
    path = place_of(name, run.folder, run.report.get(RUN_FROM))
    return f"{display_path(path)}:{line}"
