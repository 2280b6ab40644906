"""`vesalius explain`: everything known about a structure, an anchor, a rule, a voxel and more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import click

from vesalius.adapters.cli.anchor_page import anchor_page
from vesalius.adapters.cli.known_rules import structure_rules
from vesalius.adapters.cli.markdown import markdown_lines
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.cli.structure_page import scheme_page, structure_page
from vesalius.adapters.cli.terminal import prose_width
from vesalius.adapters.code_pages import code_page, code_pages
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology, load_scheme, scheme_called, scheme_paths
from vesalius.ontology.names.matching import index_names
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.rules.kind_page import kind_keys, kind_pages
from vesalius.rules.library import load_pack
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.page import WIDTH, rule_page
from vesalius.rules.places import AnchorSpec, load_anchors

CODE = re.compile(r"[A-Z]{2,3}\d{3}")


@click.command(name="explain")
@click.argument("word")
@click.option("--at", metavar="I,J,K", help="WORD is the output folder of a run: this voxel.")
@click.option("--at-mm", metavar="X,Y,Z", help="The same at a position in mm (RAS+).")
def command(word: str, at: str | None, at_mm: str | None) -> None:
    """Tell all about a structure, a scheme, an anchor, a rule, a form of rule, a code, or a voxel.

    For example `aorta`, `amos22`, `midline`, `sides/paired-organs`, `components`, `SCH004`; or, for
    the output folder OUT of a run, `OUT`: its verdict and where its sources disagree;
    `OUT --at 231,301,455`: which source and which rules made this voxel.
    """
    width = prose_width()
    if at is not None or at_mm is not None:
        from vesalius.adapters.cli.explain_case import explain_case  # noqa: PLC0415

        if at is not None and at_mm is not None:
            raise click.UsageError("give --at or --at-mm, not both")
        click.echo(explain_case(Path(word), at, at_mm, width, current_project()))
        return
    if (Path(word) / "report.json").is_file():
        from vesalius.adapters.cli.explain_run import explain_run  # noqa: PLC0415

        click.echo(explain_run(Path(word), width, current_project()))
        return
    if CODE.fullmatch(word.upper()):
        page = code_page(word.upper())
        if page is not None:
            click.echo("\n".join(markdown_lines(page, width)))
            return
    ontology = load_ontology(current_project())
    pages = _pages(word, ontology, width)
    if not pages:
        raise _unknown(word, ontology)
    click.echo("\n\n".join(pages))


def _pages(word: str, ontology: Ontology, width: int | None) -> list[str]:
    """Give the pages of what has a name: the first sort of thing that has it, most often one."""
    if word in ontology.structures:
        return [_structure(word, ontology, width), *_also_a_scheme(word, ontology)]
    if word in scheme_paths(ontology.project):
        return [scheme_page(load_scheme(word, ontology), width)]
    pages = kind_pages(word, width or WIDTH)
    if pages:
        return list(pages)
    anchors = load_anchors(ontology)
    if word in anchors:
        return [anchor_page(word, ontology, anchors, width)]
    rules = _rule_pages(word, ontology, anchors, width or WIDTH)
    called = None if rules else scheme_called(word, ontology.project)
    if called is not None:
        return [scheme_page(load_scheme(called, ontology), width)]
    # As class names are understood: `right kidney`, `Niere re.`
    called_so = ontology.resolve(word) or index_names(ontology).meant(word)
    return rules or [_structure(name, ontology, width) for name in called_so]


def _also_a_scheme(word: str, ontology: Ontology) -> list[str]:
    """Point to the scheme that is called as a structure is; a task often bears such a name."""
    called = scheme_called(word, ontology.project)
    return [] if called is None else [f"also a scheme: `vesalius explain {called}`"]


def _structure(name: str, ontology: Ontology, width: int | None) -> str:
    """Give the page of a structure, with the rules about it."""
    rules = structure_rules(name, ontology, width)
    return "\n".join([structure_page(name, ontology, width), "", *rules])


def _rule_pages(
    word: str, ontology: Ontology, anchors: Mapping[str, AnchorSpec], width: int
) -> list[str]:
    """Give the page of a rule from each pack that has it."""
    packs = [load_pack(name, ontology, anchors) for name in sorted(pack_paths(ontology.project))]
    return [rule_page(pack, word, width) for pack in packs if word in pack.order]


def _unknown(word: str, ontology: Ontology) -> Exception:
    if Path(word).is_dir():
        from vesalius.adapters.cases.map_result import LABELS  # noqa: PLC0415 - loads the engine

        inner = next((place.parent for place in sorted(Path(word).glob(f"*/{LABELS}"))), None)
        if inner is not None:
            return click.UsageError(
                f"`{word}` holds several cases; name one, such as `vesalius explain {inner}`"
            )
        return click.UsageError(f"which voxel of `{word}`? Give --at I,J,K or --at-mm X,Y,Z")
    places = load_anchors(ontology)
    schemes = scheme_paths(ontology.project)
    known = [*ontology.structures, *schemes, *places, *kind_keys(), *code_pages()]
    advice = (
        suggest(word, known)
        or "`vesalius ls structures`, `ls schemes`, `ls anchors` and `ls rules` list what is known"
    )
    message = f"nothing is known by the name `{word}`"
    return DiagnosticError([Diagnostic("CLI001", "error", message, help=advice)])
