"""`vesalius explain`: everything known about a structure, a scheme or a diagnostic code."""

from __future__ import annotations

import re

import click

from vesalius.adapters.cli.structure_page import scheme_page, structure_page
from vesalius.adapters.code_pages import code_page, code_pages
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.library import load_scheme, scheme_paths
from vesalius.ontology.ontology import load_ontology

CODE = re.compile(r"[A-Z]{2,3}\d{3}")


@click.command(name="explain")
@click.argument("word")
def command(word: str) -> None:
    """Tell all about a structure (`aorta`), a scheme (`amos22`) or a code (`SCH004`)."""
    if CODE.fullmatch(word.upper()):
        page = code_page(word.upper())
        if page is not None:
            click.echo(page.rstrip("\n"))
            return
    ontology = load_ontology()
    schemes = scheme_paths()
    if word in ontology.structures:
        click.echo(structure_page(word, ontology))
        return
    if word in schemes:
        click.echo(scheme_page(load_scheme(word, ontology)))
        return
    named = ontology.resolve(word)
    if named:
        for name in named:
            click.echo(structure_page(name, ontology))
        return
    raise DiagnosticError(
        [
            Diagnostic(
                code="CLI001",
                severity="error",
                message=f"nothing is known by the name `{word}`",
                help=suggest(word, [*ontology.structures, *schemes, *code_pages()])
                or "`vesalius ls structures` and `vesalius ls schemes` list what is known",
            )
        ]
    )
