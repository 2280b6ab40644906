"""A first version of a rule, from an example that works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NoReturn

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.listing import listing

FOLDER: Final = Path(__file__).parent / "scaffolds"


def scaffold_kinds() -> tuple[str, ...]:
    """Give the kinds that an example shows: each form of `expect`, `repair` and `derive`."""
    return tuple(sorted(_files()))


def draft_rule(
    kind: str, rule_id: str, structure: str | None, ontology: Ontology, pack: str | None = None
) -> str:
    """Write an example for another structure.

    Parameters
    ----------
    kind : str
        One of :func:`scaffold_kinds`.
    rule_id : str
        `phase/name`.
    structure : str or None
        The structure that the rule judges or makes; either one of a pair for `on_own_side` and its
        like. None where the kind names its own, such as a sequence.
    ontology : Ontology
        Knows it.
    pack : str, optional
        Name of the pack, as near as words allow it; by default the rule's.

    Returns
    -------
    str
        The YAML of a pack with one rule, whose tests pass.

    Raises
    ------
    DiagnosticError
        RUL003 if the id has no phase, SEL003 if there is no such structure that can have voxels,
        RUL013 if the kind needs a mirror and there is none, RUL015 if it judges no structure that
        is given from outside, or none is given and it needs one.
    """
    phase, slash, name = rule_id.partition("/")
    if not slash or not re.fullmatch(WORDS, phase) or not re.fullmatch(WORDS, name):
        such = _words(structure or rule_id.rpartition("/")[2]) or "my-rule"
        advice = f"write phase/name in small letters, such as pieces/{such}"
        _refuse("RUL003", f"the id `{rule_id}` does not say its phase and its name", advice)
    text = _files()[kind].read_text(encoding="utf-8")
    _check_wanted(kind, text, structure)
    if structure is not None:
        _check_structure(structure, ontology)
        names = _swapped_names(text, structure, ontology)
        text = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text)
    (example_phase,) = re.findall(r"id: (\S+)/scaffold", text)
    text = text.replace(f"{example_phase}/scaffold", rule_id)
    called = re.sub(r"[^a-z0-9]+", "_", (pack or name).lower()).strip("_")
    text = text.replace("pack: scaffold", f"pack: {called or name.replace('-', '_')}")
    return text.replace(f"phases: [{example_phase}]", f"phases: [{phase}]")


WORDS: Final = r"[a-z0-9]+(-[a-z0-9]+)*"


def _words(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


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


def _files() -> dict[str, Path]:
    """Give the file that shows each kind: its own, else the first in which a rule repairs so."""
    own = {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}
    shown: dict[str, Path] = {}
    for path in own.values():
        for repair in re.findall(r"^    repair: \{?(\w+)", path.read_text(encoding="utf-8"), re.M):
            shown.setdefault(repair, path)
    return {**shown, **own}


def _check_wanted(kind: str, text: str, structure: str | None) -> None:
    """Refuse a structure that the kind has no place for, and the lack of one that it needs."""
    example = _example(text)
    if structure is None and example:
        advice = f"add `--for STRUCTURE`, such as `--for {example[0]}`"
        _refuse("RUL015", f"`{kind}` needs a structure", advice)
    if structure is not None and not example:
        message = f"`--for` has no meaning here: `{kind}` names its structures itself"
        _refuse("RUL015", message, "leave it out, and change the names in the file")


def _swapped_names(text: str, structure: str, ontology: Ontology) -> dict[str, str]:
    """Give what takes the place of the structures of the example."""
    first, *second = _example(text)
    if second and ontology.mirror(first) == second[0]:
        mirror = ontology.mirror(structure)
        if mirror is None:
            _refuse("RUL013", f"`{structure}` has no mirror on the other side", None)
        left_first = ontology.get(structure, "side") == "left"
        pair = (structure, mirror) if left_first else (mirror, structure)
        return dict(zip((first, *second), pair, strict=True))
    # One that the example names beside it cannot be there twice: the two change places.
    beside = structure in re.findall(r"\b\w: (\w+)", text)
    return {first: structure, **({structure: first} if beside else {})}


def _example(text: str) -> tuple[str, ...]:
    """Give the structures that an example is about; none where it names a sequence or a place."""
    judged = re.findall(r"^    for: \[?([\w, ]+)\]?$", text, re.MULTILINE)
    made = re.findall(r"^    derive: .*\bto: (\w+)", text, re.MULTILINE)
    return tuple(name.strip() for written in (judged or made)[:1] for name in written.split(","))


def _refuse(code: str, message: str, advice: str | None) -> NoReturn:
    raise DiagnosticError((Diagnostic(code, "error", message, help=advice),))
