"""All pages of the documentation, written into a folder that MkDocs reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from catalogue.codes import diagnostic_pages
from catalogue.kinds import kind_pages
from catalogue.known import Known
from catalogue.markup import link
from catalogue.page import SECTIONS, TOP, Page, index_path, list_page
from catalogue.rules import rule_pages
from catalogue.schemes import scheme_pages
from catalogue.structures import structure_pages
from catalogue.tables import table_pages

DOCS = Path(__file__).resolve().parents[1]
COPIED = ("index.md", "commands.md", "measured.md", "trust.md", "view.md", "tutorials", "assets")
"""Written by hand, below docs/."""
PICTURE = DOCS.parent / "adapters/phantom/demo.png"


def catalogue_pages(known: Known) -> Iterator[Page]:
    """Write every page of the catalogue."""
    yield from structure_pages(known)
    yield from scheme_pages(known)
    yield from rule_pages(known)
    yield from kind_pages(known)
    yield from table_pages()
    yield from diagnostic_pages()
    told = {
        "structures": f"{len(known.ontology.structures)}, each with its place in the graph and the"
        " schemes and rules that know it",
        "schemes": f"{len(known.schemes)} tables of datasets and models",
        "rules": f"{len(known.rules)}, with their pictures",
        "kinds": "what a rule may expect, repair and derive, with before and after",
        "tables": "what each column of what is measured says, with its unit",
        "codes": "what a message means, and how to mend it",
    }
    lines = [f"- {link(TOP, index_path(s), title)}: {told[s]}" for s, title in SECTIONS.items()]
    intro = "Written anew by `make docs` from what vesalius knows. The search finds every name."
    yield list_page(TOP, "Catalogue", [intro, "", *lines])


def write_site(folder: Path, known: Known) -> int:
    """Write the documentation as Markdown.

    Parameters
    ----------
    folder : Path
        Emptied first.
    known : Known
        What the catalogue tells of.

    Returns
    -------
    int
        How many pages the catalogue has.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        copy = shutil.copytree if (DOCS / name).is_dir() else shutil.copy
        copy(DOCS / name, folder / name)
    shutil.copy(PICTURE, folder / "assets" / PICTURE.name)
    pages = list(catalogue_pages(known))
    for page in pages:
        path = folder / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text, encoding="utf-8")
    return len(pages)
