"""The pages behind diagnostic codes, one Markdown file each, kept beside the layer that owns it."""

from __future__ import annotations

from pathlib import Path

LAYERS = ("ontology", "rules", "adapters")


def code_pages() -> dict[str, Path]:
    """Find every page.

    Returns
    -------
    dict of str to Path
        Code to Markdown file.
    """
    root = Path(__file__).parent.parent
    return {
        page.stem: page
        for layer in LAYERS
        for page in sorted((root / layer / "codes").glob("*.md"))
    }


def code_page(code: str) -> str | None:
    """Give the text of a code's page, or None where there is no such code."""
    page = code_pages().get(code)
    return None if page is None else page.read_text(encoding="utf-8")
