"""Figures about patients that a rule takes where it writes none (`defaults.yaml`)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.validation import value_at

_DOCUMENT: Final = load_document(Path(__file__).parent / "defaults.yaml")


def default(name: str) -> float:
    """Give a figure.

    Parameters
    ----------
    name : str
        A key of `defaults.yaml`; its ending is the unit.

    Raises
    ------
    KeyError
        Where the file has no such key.
    """
    return float(value_at(_DOCUMENT, (name,)))
