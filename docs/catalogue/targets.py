"""What a class of a scheme means, in words."""

from __future__ import annotations

from catalogue.markup import code, link
from catalogue.page import structure_path
from vesalius.ontology.scheme.meaning import ByPlace, BySex, BySide, Ignore, Meaning, To


def target_words(meaning: Meaning, here: str) -> str:
    """Say what a class means, with links to structures.

    Parameters
    ----------
    meaning : Meaning
        Of the class.
    here : str
        Path of the page.
    """
    if isinstance(meaning, To):
        return _structure(meaning.structure, here)
    if isinstance(meaning, BySex):
        cases = {"male": meaning.male, "female": meaning.female}
        return _cases(cases, meaning.unknown, here)
    if isinstance(meaning, BySide):
        return _cases({"left": meaning.left, "right": meaning.right}, meaning.unknown, here)
    if isinstance(meaning, ByPlace):
        said = []
        for place in meaning.cases:
            where = f"{place.relation} {_structure(place.structure, here)}"
            said.append(f"{where}: {target_words(place.then, here)}")
        said.append(f"elsewhere: {target_words(meaning.otherwise, here)}")
        return "; ".join([*said, f"unknown: {target_words(meaning.unknown, here)}"])
    return "no opinion" if isinstance(meaning, Ignore) else "left out"


def _structure(name: str, here: str) -> str:
    return link(here, structure_path(name), code(name))


def _cases(cases: dict[str, Meaning], unknown: Meaning, here: str) -> str:
    said = {**cases, "unknown": unknown}
    return "; ".join(f"{when}: {target_words(then, here)}" for when, then in said.items())
