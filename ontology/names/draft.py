"""Drafting a scheme from a dataset's own list of class names.

The draft is YAML text as a person would write it. What was guessed says so; what was not
matched stays out of ``labels``, so that ``vesalius lint`` points at it until it is decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import yaml

from vesalius.ontology.graph import Ontology
from vesalius.ontology.names.label_rows import BACKGROUND_WORDS
from vesalius.ontology.names.matching import Match, NameIndex, index_names, match_name
from vesalius.ontology.names.neighbours import decide_by_neighbours, without_common_start
from vesalius.ontology.reading.document import core_value

# How nnU-Net names voxels without annotation; a scheme uses the same word.
_NOT_ANNOTATED = "ignore"
_PARTS_SHOWN = 3
"""Structures shown beside a class that is not matched, because words of its name mean them."""


@dataclass(frozen=True)
class Draft:
    """A scheme that waits for a person's eye.

    Parameters
    ----------
    text : str
        The YAML.
    unmatched : tuple of int
        Integers for which no structure was found; they are comments under ``labels``.
    guessed : tuple of int
        Integers whose structure only resembles the name; each line says how nearly.
    """

    text: str
    unmatched: tuple[int, ...]
    guessed: tuple[int, ...]


def draft_scheme(
    names: Mapping[int, str],
    ontology: Ontology,
    scheme_name: str,
    title: str,
    remainders: Mapping[int, str] | None = None,
) -> Draft:
    """Write a scheme for a list of class names.

    Parameters
    ----------
    names : mapping of int to str
        Class names by integer, as :mod:`vesalius.ontology.names.label_tables` reads them. A class
        called "background" gives the background's integer.
    ontology : Ontology
        Where the structures are looked for.
    scheme_name : str
        Short name and stem of the file; other than lower-case letters, digits and `_` are
        replaced.
    title : str
        The dataset's name.
    remainders : mapping of int to str, optional
        Integers whose name is that of a larger region, with what is meant; they are guesses.
    """
    index = index_names(ontology)
    background = next((i for i, n in names.items() if n.lower() in BACKGROUND_WORDS), 0)
    classes = {i: names[i] for i in sorted(names) if i != background}
    said = remainders or {}
    read = without_common_start(classes, index)
    lines = [_Line.of(i, read[i], index, said.get(i)) for i in classes]
    near = decide_by_neighbours((line.name for line in lines if not line.target), index)
    lines = [
        replace(line, target=near[line.name], remark="  # guess: from its neighbours")
        if line.name in near and not line.target
        else line
        for line in lines
    ]
    lines = [replace(line, name=classes[line.integer]) for line in lines]
    text = [
        "schema: scheme/1",
        f"scheme: {_plain(scheme_name)}",
        f"title: {_scalar(title)}",
    ]
    if background:
        text.append(f"background: {background}")
    written = [line for line in lines if line.name != line.target]
    if written:
        text += ["names:", *(f"  {line.integer}: {_scalar(line.name)}" for line in written)]
    unmatched = tuple(line.integer for line in lines if not line.target)
    text.append("labels:" if len(unmatched) < len(lines) else "labels: {}")
    text += [line.text() for line in lines if line.target]
    if unmatched:
        text.append("  # not matched; give each a structure, `drop` or `ignore`:")
        text += [line.text() for line in lines if not line.target]
    guessed = tuple(line.integer for line in lines if line.target and line.remark)
    return Draft("\n".join(text) + "\n", unmatched, guessed)


@dataclass(frozen=True)
class _Line:
    integer: int
    name: str
    target: str
    remark: str

    @classmethod
    def of(cls, integer: int, name: str, index: NameIndex, remainder: str | None) -> _Line:
        if name.strip().lower() == _NOT_ANNOTATED:
            return cls(integer, name, _NOT_ANNOTATED, "")
        sexes = index.by_sex(name)
        if len(sexes) > 1:
            branches = ", ".join(f"{sex}: {structure}" for sex, structure in sexes.items())
            return cls(integer, name, f"{{{branches}, unknown: drop}}", "")
        match = match_name(name, index)
        if not match.decided:
            likely = (match.structure, *match.alternatives) if match.structure else ()
            likely = likely or index.parts(name)[:_PARTS_SHOWN]
            return cls(integer, name, "", f"  # {' or '.join(likely)}?" if likely else "")
        remark = _guess(match) if match.how == "guess" else ""
        if remainder is not None:
            remark = f"  # guess: {_one_line(remainder)}"
        return cls(integer, name, match.structure or "", remark)

    def text(self) -> str:
        if not self.target:
            return f"  # {self.integer}: {_scalar(self.name)}{self.remark}"
        return f"  {self.integer}: {self.target}{self.remark}"


def _guess(match: Match) -> str:
    others = f", or {', '.join(match.alternatives)}" if match.alternatives else ""
    return f"  # guess: {match.score:.2f}{others}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(name: str) -> str:
    """Make a scheme name of any text."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"


def _scalar(text: str) -> str:
    """Write text as a YAML scalar that is read back as the same text, quoted where needed."""
    plain = re.fullmatch(r"[A-Za-z][\w ()+/.-]*", text) and not text.endswith(" ")
    if plain and core_value(text) == text:
        return text
    quoted: str = yaml.dump(text, default_style='"', allow_unicode=True, width=10**6)
    return quoted.strip()
