"""`vesalius view`: a case in the browser, from a server on this machine alone."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from vesalius.adapters.cli.case_options import sex_option
from vesalius.adapters.cli.outcome import show
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.streams import is_stdout_unheard
from vesalius.adapters.report.record import read_record
from vesalius.adapters.view.file_scene import FileRequest, scene_of_file
from vesalius.adapters.view.pages import table_of
from vesalius.adapters.view.run_scene import case_of, scene_of_run
from vesalius.adapters.view.scene import Scene
from vesalius.adapters.view.server import SceneServer
from vesalius.adapters.view.volume_file import MOST_VOXELS
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_PORTS = click.IntRange(0, 65535)


@click.command(name="view")
@click.argument("path", metavar="OUT|FILE", type=click.Path(readable=False, path_type=Path))
@click.argument("case", required=False)
@click.option("--scheme", "-s", metavar="SCHEME", help="What the integers of FILE mean.")
@click.option(
    "--image", "-i", type=click.Path(readable=False, path_type=Path), help="The CT of FILE."
)
@click.option(
    "--rules", multiple=True, metavar="PACK",
    help="Judge FILE by a rule pack too. May be given several times.",
)  # fmt: skip
@sex_option
@click.option("--port", type=_PORTS, default=0, help="By default one that is free.")
@click.option(
    "--millions", type=click.IntRange(1, 4000), metavar="N",
    help="Show at most so many million voxels (67); of more, every n-th plane is left out.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Only say the address.")
def command(
    path: Path,
    case: str | None,
    scheme: str | None,
    image: Path | None,
    rules: tuple[str, ...],
    sex: str,
    port: int,
    millions: int | None,
    no_browser: bool,
) -> None:
    """Show a case in the browser: CT, coloured labels, 3-D, and a way to every finding.

    OUT is what `vesalius run -o OUT` wrote, and CASE one of its cases, if it is a cohort. FILE is a
    segmentation in any scheme. The page is served to this machine alone, until Ctrl-C.
    """
    most = MOST_VOXELS if millions is None else millions * 1_000_000
    with working("reading"):
        if scheme is None:
            scene = _run(path, case, image, rules, most)
        else:
            if case is not None:
                raise click.UsageError("--scheme is for a FILE, which has no cases")
            request = FileRequest(path, scheme, image, rules, sex, current_project(), most)
            scene, told = scene_of_file(request)
            show(told)
    for remark in scene.remarks:
        click.echo(f"note: {remark}", err=True)
    with SceneServer(table_of(scene), port) as server:
        click.echo(server.address)
        if is_stdout_unheard():
            # Nobody would ever find the page.
            click.echo(server.address, err=True)
        click.echo("this address is for you alone; Ctrl-C ends it", err=True)
        if not no_browser:
            _open(server.address)
        server.serve_forever()


def _run(
    path: Path, case: str | None, image: Path | None, rules: tuple[str, ...], most_voxels: int
) -> Scene:
    if not path.is_dir() and os.path.lexists(path):
        text = "the scheme of this file is not given"
        hint = f"`vesalius identify {path}` ranks those that it may be in; give one with --scheme"
        raise DiagnosticError([Diagnostic("VIE002", "error", text, path=str(path), help=hint)])
    if image is not None or rules:
        raise click.UsageError("--image and --rules are for a FILE with --scheme, not for a run")
    record = read_record(path)
    return scene_of_run(record, case_of(record, case), current_project(), most_voxels)


def _open(address: str) -> None:
    """Open a browser, where there is a screen: one for terminals would take ours."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in screens):
        text = "no screen here: from another machine `ssh -L` brings the port there"
        click.echo(text, err=True)
        return
    webbrowser.open(address)
