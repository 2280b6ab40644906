"""`vesalius explain`: everything known about a structure, a scheme, a rule, a code or a voxel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from vesalius.adapters.cli.structure_page import scheme_page, structure_page
from vesalius.adapters.code_pages import code_page, code_pages
from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.library import load_scheme, scheme_paths
from vesalius.ontology.ontology import Ontology, load_ontology
from vesalius.rules.anchors import load_anchors
from vesalius.rules.rule_library import load_pack, pack_paths
from vesalius.rules.rule_page import rule_page

CODE = re.compile(r"[A-Z]{2,3}\d{3}")


@click.command(name="explain")
@click.argument("word")
@click.option("--at", metavar="I,J,K", help="WORD is the output folder of a run: this voxel.")
@click.option("--at-mm", metavar="X,Y,Z", help="The same at a position in mm (RAS+).")
def command(word: str, at: str | None, at_mm: str | None) -> None:
    """Tell all about a structure, a scheme, a rule, a code, or a voxel.

    For example `aorta`, `amos22`, `sides/paired-organs`, `SCH004`; or, for the output folder
    OUT of a run, `OUT --at 231,301,455`: which source and which rules made this voxel.
    """
    if at is not None or at_mm is not None:
        from vesalius.adapters.cli.explain_case import explain_case  # noqa: PLC0415

        if at is not None and at_mm is not None:
            raise click.UsageError("give --at or --at-mm, not both")
        click.echo(explain_case(Path(word), at, at_mm))
        return
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
    pages = _rule_pages(word, ontology)
    if pages:
        click.echo("\n\n".join(pages))
        return
    named = ontology.resolve(word)
    if named:
        for name in named:
            click.echo(structure_page(name, ontology))
        return
    if Path(word).is_dir():
        raise click.UsageError(f"which voxel of `{word}`? Give --at I,J,K or --at-mm X,Y,Z")
    raise DiagnosticError([_unknown(word, [*ontology.structures, *schemes, *code_pages()])])


def _rule_pages(word: str, ontology: Ontology) -> list[str]:
    """Give the page of a rule from each pack that has it."""
    anchors = load_anchors(ontology)
    packs = [load_pack(name, ontology, anchors) for name in sorted(pack_paths())]
    return [rule_page(pack, word) for pack in packs if word in pack.order]


def _unknown(word: str, candidates: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        code="CLI001",
        severity="error",
        message=f"nothing is known by the name `{word}`",
        help=suggest(word, candidates)
        or "`vesalius ls structures`, `ls schemes` and `ls rules` list what is known",
    )
