"""What must hold between structures; one small function per check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from vesalius.ontology.attribute import EDGES, Attribute
from vesalius.ontology.concept_codes import Code
from vesalius.ontology.hierarchy import Hierarchy
from vesalius.ontology.inheritance import show
from vesalius.ontology.reading.diagnostics import Diagnostic, Note, Span, suggest
from vesalius.ontology.structures_file import WrittenStructure
from vesalius.ontology.words import Key, normalise, value_synonyms


@dataclass(frozen=True)
class Unchecked:
    """Structures with what they inherit, before the checks have looked at them."""

    written: Mapping[str, WrittenStructure]
    attributes: Mapping[str, Attribute]
    values: Mapping[str, Mapping[str, object]]
    codes: Mapping[str, tuple[Code, ...]]


def keep_first(
    structures: Iterable[WrittenStructure],
) -> tuple[dict[str, WrittenStructure], list[Diagnostic]]:
    """Give the structures by name; a second of the same name is ONT002."""
    first: dict[str, WrittenStructure] = {}
    problems = []
    for structure in structures:
        name = structure.name
        if name in first:
            problems.append(declared_twice("structure", name, structure.span, first[name].span))
        first.setdefault(name, structure)
    return first, problems


def declared_twice(what: str, name: str, span: Span, first: Span) -> Diagnostic:
    """Report the second of two of one name (ONT002)."""
    return Diagnostic(
        "ONT002",
        "error",
        f"{what} `{name}` is declared twice",
        span=span,
        help="keep one of the two",
        notes=(Note("first declared here", first),),
    )


def check_parents(written: Mapping[str, WrittenStructure]) -> list[Diagnostic]:
    """Report parents that are not declared (ONT004)."""
    return [
        Diagnostic(
            "ONT004",
            "error",
            f"unknown structure `{parent}`",
            span=structure.at_parent(edge, position),
            help=suggest(parent, written),
        )
        for structure in written.values()
        for edge in EDGES
        for position, parent in enumerate(structure.parents[edge])
        if parent not in written
    ]


def check_circles(
    written: Mapping[str, WrittenStructure], hierarchy: Hierarchy
) -> list[Diagnostic]:
    """Report circles of parents (ONT005), each once, naming all that are in it."""
    problems = []
    for circle in hierarchy.circles():
        chain = " → ".join(f"`{name}`" for name in (*circle, circle[0]))
        problems.append(
            Diagnostic(
                "ONT005",
                "error",
                f"these structures are their own ancestors: {chain}",
                span=written[circle[0]].span,
                help="remove one `is_a` or `part_of` of the circle",
                notes=tuple(Note("part of the circle", written[n].span) for n in circle[1:]),
            )
        )
    return problems


def check_one_root(written: Mapping[str, WrittenStructure]) -> list[Diagnostic]:
    """Report structures without parents, but for the one root (ONT006).

    The root is the parentless structure that others hang from; the first where several do.
    """
    loose = [s for s in written.values() if not any(s.parents[edge] for edge in EDGES)]
    used = {p for s in written.values() for edge in EDGES for p in s.parents[edge]}
    root = next((s for s in loose if s.name in used), loose[0] if loose else None)
    return [
        Diagnostic(
            "ONT006",
            "error",
            f"`{structure.name}` belongs to nothing",
            span=structure.span,
            help="add `part_of:` or `is_a:`",
            notes=(Note("the one root is here", root.span),),
        )
        for structure in loose
        if root is not None and structure is not root
    ]


def check_pointers(unchecked: Unchecked) -> list[Diagnostic]:
    """Report attributes that name a structure that does not exist (ONT010)."""
    return [
        Diagnostic(
            "ONT010",
            "error",
            f"`{attribute.name}` of `{structure.name}` names an unknown structure `{target}`",
            span=structure.at(attribute.name),
            help=suggest(str(target), unchecked.written),
        )
        for attribute, structure, target in _pointers(unchecked)
        if target not in unchecked.written
    ]


def check_pointers_return(unchecked: Unchecked) -> list[Diagnostic]:
    """Report partners that do not point back (ONT011)."""
    problems = []
    for attribute, structure, target in _pointers(unchecked):
        other = unchecked.written.get(str(target))
        if attribute.flips is None or other is None or other is structure:
            continue
        key, back = attribute.name, other.own.get(attribute.name)
        if back == structure.name or (back is not None and back not in unchecked.written):
            continue
        tail = f"whose `{key}` is {show(back)}" if key in other.own else f"which has no `{key}`"
        span = other.at(key) if key in other.own else other.span
        problems.append(
            Diagnostic(
                "ONT011",
                "error",
                f"`{key}` of `{structure.name}` is `{target}`, {tail}",
                span=structure.at(key),
                help=f"write `{key}: {structure.name}` on `{target}`",
                notes=(Note(f"`{target}` is here", span),),
            )
        )
    return problems


def check_pointers_flip(unchecked: Unchecked) -> list[Diagnostic]:
    """Report partners that are not on opposite sides (ONT012), once per pair."""
    problems = []
    seen: set[frozenset[str]] = set()
    for attribute, structure, target in _pointers(unchecked):
        other = unchecked.written.get(str(target))
        pair = frozenset({structure.name, str(target)})
        if attribute.flips is None or other is None or other is structure or pair in seen:
            continue
        seen.add(pair)
        key = attribute.flips
        mine, theirs = (unchecked.values[s.name].get(key) for s in (structure, other))
        if mine is not None and unchecked.attributes[key].opposite(mine) == theirs:
            continue
        how = f"the {key} {show(mine)} and {show(theirs)}, which are not opposite"
        if mine == theirs:
            how = f"no {key}" if mine is None else f"the same {key} {show(mine)}"
        problems.append(
            Diagnostic(
                "ONT012",
                "error",
                f"`{structure.name}` and its {attribute.name} `{other.name}` have {how}",
                span=structure.at(key) if key in structure.own else structure.at(attribute.name),
                notes=(
                    Note(
                        f"`{other.name}` is here",
                        other.at(key) if key in other.own else other.span,
                    ),
                ),
            )
        )
    return problems


def check_pointers_leave(unchecked: Unchecked) -> list[Diagnostic]:
    """Report structures that are their own partner (ONT013)."""
    return [
        Diagnostic(
            "ONT013",
            "error",
            f"`{structure.name}` is its own {attribute.name}",
            span=structure.at(attribute.name),
        )
        for attribute, structure, target in _pointers(unchecked)
        if attribute.flips is not None and target == structure.name
    ]


def check_sided_have_partner(unchecked: Unchecked) -> list[Diagnostic]:
    """Report concrete structures of one side that name no partner (ONT014)."""
    problems = []
    for attribute in unchecked.attributes.values():
        if attribute.flips is None:
            continue
        side = unchecked.attributes[attribute.flips]
        pointed = {t for a, _, t in _pointers(unchecked) if a is attribute}
        for name, structure in unchecked.written.items():
            value = unchecked.values[name].get(side.name)
            if structure.abstract or attribute.name in structure.own or name in pointed:
                continue
            if side.opposite(value) is not None:
                key = attribute.name
                problems.append(
                    Diagnostic(
                        "ONT014",
                        "error",
                        f"`{name}` has the {side.name} {value} but no `{key}`",
                        span=structure.span,
                        help=f"add `{key}:`, or `{key}: none` where it has no partner",
                    )
                )
    return problems


def check_named_for_a_side(unchecked: Unchecked) -> list[Diagnostic]:
    """Report structures named for a side that they do not have (ONT022).

    Mirroring would leave them what they are. Where that is meant, as for the left chambers of the
    heart, the structure says so itself: it has no partner.
    """
    problems = []
    for attribute in unchecked.attributes.values():
        if attribute.flips is None:
            continue
        side = unchecked.attributes[attribute.flips]
        for name, structure in unchecked.written.items():
            value = unchecked.values[name].get(side.name)
            called = set(side.opposites) & set(name.split("_"))
            if len(called) != 1 or value in called or attribute.name in structure.own:
                continue
            word = called.pop()
            problems.append(
                Diagnostic(
                    "ONT022",
                    "warning",
                    f"`{name}` is named for the {side.name} {word}, but its `{side.name}` is "
                    f"{show(value)}",
                    span=structure.span,
                    help=f"write `{side.name}: {word}` and its `{attribute.name}:`; "
                    f"`{attribute.name}: none` where {word} is no {side.name} of the body here",
                )
            )
    return problems


def _pointers(unchecked: Unchecked) -> Iterator[tuple[Attribute, WrittenStructure, object]]:
    for attribute in unchecked.attributes.values():
        if attribute.kind == "structure":
            for structure in unchecked.written.values():
                target = structure.own.get(attribute.name)
                if target is not None:
                    yield attribute, structure, target


def check_words(unchecked: Unchecked) -> list[Diagnostic]:
    """Report a title or alias that is another structure's name, title or alias (ONT015).

    Names may differ by a plural only, as a group and its member do, and then their titles too.
    """
    synonyms = value_synonyms(unchecked.attributes.values())
    owner: dict[Key, tuple[WrittenStructure, str]] = {}
    problems = []
    for structure, word, kind, span in _words(unchecked):
        other, called = owner.setdefault(normalise(word, synonyms), (structure, word))
        alike = normalise(structure.name, synonyms) == normalise(other.name, synonyms)
        if other is not structure and not (alike and kind not in ("alias", "word")):
            problems.append(
                Diagnostic(
                    "ONT015",
                    "error",
                    f"{kind} `{word}` of `{structure.name}` also means `{other.name}`",
                    span=span,
                    help="choose other words, or remove them from one of the two",
                    notes=(Note(f"there it is `{called}`", other.span),),
                )
            )
    return problems


def _words(unchecked: Unchecked) -> Iterator[tuple[WrittenStructure, str, str, Span]]:
    """Give all names, all titles, all aliases and words: the earlier kind has the right."""
    structures = unchecked.written.values()
    for structure in structures:
        yield structure, structure.name, "name", structure.span
    for structure in structures:
        yield structure, structure.title, "title", structure.at("title")
    for structure in structures:
        for position, alias in enumerate(structure.aliases):
            yield structure, alias, "alias", structure.at("aliases", position)
        for language, words in structure.words.items():
            for position, word in enumerate(words):
                yield structure, word, "word", structure.at("words", language, position)


def check_codes_differ(unchecked: Unchecked) -> list[Diagnostic]:
    """Warn where two concrete structures claim exactly the same concept (ONT016)."""
    first: dict[tuple[str, str, str | None], str] = {}
    problems = []
    for name, structure in unchecked.written.items():
        for system, code in structure.codes.items():
            if structure.abstract or code.match not in ("exact", "composed"):
                continue
            other = first.setdefault(code.key, name)
            if other != name:
                note = Note(f"also of `{other}`", unchecked.written[other].at("codes", system))
                problems.append(
                    Diagnostic(
                        "ONT016",
                        "warning",
                        f"`{name}` and `{other}` have the same {system} code {code.code}",
                        span=structure.at("codes", system),
                        help="at most one of them is that concept exactly",
                        notes=(note,),
                    )
                )
    return problems


CHECKS: tuple[Callable[[Unchecked], list[Diagnostic]], ...] = (
    check_pointers,
    check_pointers_return,
    check_pointers_flip,
    check_pointers_leave,
    check_sided_have_partner,
    check_named_for_a_side,
    check_words,
    check_codes_differ,
)
