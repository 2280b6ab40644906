"""A page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalogue.markup import escaped, heading, link

TOP = "catalogue/index.md"
SECTIONS = {
    "structures": "Structures",
    "schemes": "Schemes",
    "rules": "Rules",
    "kinds": "Kinds of rules",
    "tables": "Tables",
    "codes": "Diagnostics",
}


@dataclass(frozen=True)
class Page:
    """A page.

    Parameters
    ----------
    path : str
        Below the top of the documentation, with slashes.
    text : str
        Markdown.
    """

    path: str
    text: str


def index_path(section: str) -> str:
    """Give the path of the list of a section."""
    return f"catalogue/{section}/index.md"


def structure_path(name: str) -> str:
    """Give the path of the page of a structure."""
    return f"catalogue/structures/{name}.md"


def scheme_path(name: str) -> str:
    """Give the path of the page of a scheme."""
    return f"catalogue/schemes/{name}.md"


def rule_path(pack: str, rule_id: str) -> str:
    """Give the path of the page of a rule."""
    return f"catalogue/rules/{pack}/{rule_id}.md"


def kind_path(place: str, key: str) -> str:
    """Give the path of the page of a kind; `place` is the key that it stands behind."""
    return f"catalogue/kinds/{place}/{key}.md"


def table_path(name: str) -> str:
    """Give the path of the page of a table."""
    return f"catalogue/tables/{name}.md"


def code_path(code: str) -> str:
    """Give the path of the page of a diagnostic."""
    return f"catalogue/codes/{code}.md"


def entry_page(
    path: str, section: str, title: str, lines: Iterable[str], *, boost: float = 1
) -> Page:
    """Make the page of one thing: the way to it, its name, and what is said of it.

    Parameters
    ----------
    path : str
        Of the page.
    section : str
        Key of `SECTIONS`.
    title : str
        Its name, as plain text.
    lines : iterable of str
        Markdown.
    boost : float
        How much rather it is found than other pages.
    """
    way = f"{link(path, TOP, 'Catalogue')} › {link(path, index_path(section), SECTIONS[section])}"
    # The sidebar would hold nothing of the catalogue.
    front = ["---", "hide: [navigation]", f"search: {{boost: {boost:g}}}", "---", ""]
    top = [*front, *heading(1, escaped(title)), way, "{ .way }", ""]
    return Page(path, "\n".join([*top, *lines]).rstrip() + "\n")


def list_page(path: str, title: str, lines: Sequence[str]) -> Page:
    """Make a page that lists others."""
    way = [] if path == TOP else [link(path, TOP, "Catalogue"), "{ .way }", ""]
    return Page(path, "\n".join([*heading(1, escaped(title)), *way, *lines]).rstrip() + "\n")
