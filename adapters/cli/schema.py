"""`vesalius schema`: JSON Schemas for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.schemas import SCHEMA_NAMES, json_schema


@click.command(name="schema")
@click.argument("name", type=click.Choice(SCHEMA_NAMES), required=False)
@click.option(
    "--write", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Write all schemas into a folder, as NAME.schema.json.",
)  # fmt: skip
def command(name: str | None, folder: Path | None) -> None:
    """Print the JSON Schema of one kind of YAML file, or write all.

    An editor with a YAML language server takes it from a line
    `# yaml-language-server: $schema=PATH` at the top of a file.
    """
    project = current_project()
    if folder is not None:
        with Outputs(folder) as outputs:
            for each in SCHEMA_NAMES:
                outputs.write_json(folder / f"{each}.schema.json", json_schema(each, project))
    elif name is not None:
        click.echo(json.dumps(json_schema(name, project), indent=2))
    else:
        raise click.UsageError(f"name one of {', '.join(SCHEMA_NAMES)}, or --write all")
