"""`vesalius schema`: JSON Schemas for editors."""

from __future__ import annotations

import json

import click

from vesalius.adapters.schemas import SCHEMA_NAMES, json_schema


@click.command(name="schema")
@click.argument("name", type=click.Choice(SCHEMA_NAMES))
def command(name: str) -> None:
    """Print the JSON Schema of one kind of YAML file.

    An editor with a YAML language server takes it from a line
    `# yaml-language-server: $schema=PATH` at the top of a file.
    """
    click.echo(json.dumps(json_schema(name), indent=2))
