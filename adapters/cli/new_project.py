"""`vesalius new project`: a folder of one's own schemes, rules and structures."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from vesalius.ontology.project_place import FILE_NAME

_FOLDERS: Final = ("schemes", "rules", "structures")
_FIRST: Final = """\
# A project: what lies in these folders is known to every command that is given in this folder or
# below it (elsewhere with --project FOLDER). `vesalius lint` without a path checks all of it.
#
#   vesalius new scheme --from dataset.json -o schemes/my_dataset.yaml
#   vesalius new rule pieces/one-spleen --for spleen -o rules/my_rules.yaml
#   vesalius ls schemes        marks what comes from here
schema: project/1
about: What we add to what is shipped.
schemes: schemes          # one YAML a dataset or model, known by its name
rules: rules              # rule packs, known by their names
structures: structures    # structures that the ontology does not have
# What commands do where they are not told otherwise.
#defaults: {target: my_dataset, pack: [recommended, my_rules], fail_on: warning}
"""


@click.command(name="project", short_help="A folder of your own schemes, rules and structures.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def new_project(folder: Path) -> None:
    """Write vesalius.yaml and its folders into FOLDER (this one by default).

    Schemes, rules and structures that lie in a project are known by their names. What is there
    already stays as it is.
    """
    from vesalius.adapters.files.atomic import write_text  # noqa: PLC0415

    place = folder / FILE_NAME
    if place.exists():
        raise click.UsageError(f"{place} exists already; nothing was written")
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_text(place, _FIRST)
    click.echo(f"wrote {place}, with folders for {', '.join(_FOLDERS)}", err=True)
    click.echo("put a first scheme into it with `vesalius new scheme`", err=True)
