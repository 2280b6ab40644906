"""A first version of a rule, from an example that works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NoReturn

from vesalius.ontology.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.validation import listing

FOLDER: Final = Path(__file__).parent / "scaffolds"


def scaffold_kinds() -> tuple[str, ...]:
    """Give the names of the examples."""
    return tuple(path.stem for path in sorted(FOLDER.glob("*.yaml")))


def draft_rule(kind: str, rule_id: str, structure: str, ontology: Ontology) -> str:
    """Write an example for another structure.

    Parameters
    ----------
    kind : str
        One of :func:`scaffold_kinds`.
    rule_id : str
        `phase/name`.
    structure : str
        The structure that the rule judges; either one of a pair for `side`.
    ontology : Ontology
        Knows it.

    Returns
    -------
    str
        The YAML of a pack with one rule, whose tests pass.

    Raises
    ------
    DiagnosticError
        RUL003 if the id has no phase, SEL003 if there is no such structure that can have voxels,
        RUL013 if the kind needs a mirror and there is none.
    """
    phase, slash, name = rule_id.partition("/")
    if not slash or not re.fullmatch(WORDS, phase) or not re.fullmatch(WORDS, name):
        advice = f"write phase/name in small letters, such as pieces/{_words(structure)}"
        _refuse("RUL003", f"the id `{rule_id}` does not say its phase and its name", advice)
    _check_structure(structure, ontology)
    text = (FOLDER / f"{kind}.yaml").read_text(encoding="utf-8")
    names = _swapped_names(text, structure, ontology)
    text = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text)
    (example_phase,) = re.findall(r"id: (\S+)/scaffold", text)
    text = text.replace(f"{example_phase}/scaffold", rule_id)
    text = text.replace("pack: scaffold", f"pack: {name.replace('-', '_')}")
    return text.replace(f"phases: [{example_phase}]", f"phases: [{phase}]")


WORDS: Final = r"[a-z0-9]+(-[a-z0-9]+)*"


def _words(name: str) -> str:
    return name.lower().replace("_", "-")


def _check_structure(structure: str, ontology: Ontology) -> None:
    known = ontology.structures
    if structure not in known:
        meant = ontology.resolve(structure)
        near = f"did you mean `{meant[0]}`?" if meant else suggest(structure, list(known))
        _refuse("SEL003", f"unknown structure `{structure}`", near)
    if known[structure].abstract:
        below = [n for n in ontology.descendants(structure) if not known[n].abstract]
        advice = f"name one of {listing(below)}; the rule may select more of them later"
        _refuse("SEL003", f"`{structure}` is a group and has no voxels of its own", advice)


def _swapped_names(text: str, structure: str, ontology: Ontology) -> dict[str, str]:
    """Give what takes the place of the structures of the example."""
    example = _example(text)
    if len(example) == 1:
        around = re.findall(r"f: (\w+)", text)
        names = {example[0]: structure}
        if structure in around:
            # It cannot lie in itself.
            tissue = ontology.select({"level": "tissue"})
            names[structure] = next(name for name in tissue if name != structure)
        return names
    mirror = ontology.mirror(structure)
    if mirror is None:
        _refuse("RUL013", f"`{structure}` has no mirror on the other side", None)
    left_first = ontology.get(structure, "side") == "left"
    pair = (structure, mirror) if left_first else (mirror, structure)
    return dict(zip(example, pair, strict=True))


def _example(text: str) -> tuple[str, ...]:
    """Give the structures that an example is about."""
    (written,) = re.findall(r"^    for: \[?([\w, ]+)\]?$", text, re.MULTILINE)
    return tuple(name.strip() for name in written.split(","))


def _refuse(code: str, message: str, advice: str | None) -> NoReturn:
    raise DiagnosticError((Diagnostic(code, "error", message, help=advice),))
