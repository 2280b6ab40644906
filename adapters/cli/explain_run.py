"""A run in a few lines: its verdict, and where its sources disagree."""

from __future__ import annotations

from pathlib import Path

from vesalius.adapters.cases.conflict_places import conflict_places
from vesalius.adapters.cases.run_folder import read_run_folder
from vesalius.adapters.cli.tables import table_lines
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.project import Project

CONFLICTS_SHOWN = 8


def explain_run(path: Path, width: int | None = None, project: Project | None = None) -> str:
    """Tell what became of a case, and one voxel of each of its largest conflicts.

    Parameters
    ----------
    path : Path
        The output folder of a run.
    width : int or None
        Columns of a line; None for one line each.
    project : Project, optional
        Where schemes are looked for besides those that are shipped.

    Raises
    ------
    DiagnosticError
        EXP001 no output of a run; EXP004 files of several runs.
    """
    run = read_run_folder(path)
    verdict, summary = run.report["verdict"], run.report["summary"]
    lines = [f"verdict: {verdict['word']}", *(f"  {reason}" for reason in verdict["reasons"])]
    if summary["worst"] is not None:
        worst = summary["worst"]
        lines.append(f"the worst finding: {worst['severity']} {worst['rule']}: {worst['message']}")
    places = conflict_places(run, CONFLICTS_SHOWN, project)
    rows = [
        {
            "voxels": f"{place.voxels:,}",
            "written": place.winner,
            "also claimed": place.loser,
            "such as voxel": "-" if place.at_ijk is None else ",".join(map(str, place.at_ijk)),
        }
        for place in places
    ]
    if rows:
        total = sum(row["kind"] == "priority" for row in run.report["conflicts"])
        lines += ["", f"{plural(total, 'pair')} of structures claimed the same voxels:"]
        lines += table_lines(rows, ("voxels",), width)
    example = next((place.at_ijk for place in places if place.at_ijk is not None), None)
    at = "I,J,K" if example is None else ",".join(map(str, example))
    lines += ["", f"`vesalius explain {path} --at {at}` tells the story of a voxel"]
    return "\n".join(lines)
