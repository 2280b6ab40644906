"""Selectors of a rule with `each`: what their words mean at one turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.diagnostics import suggest
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.selector import SELECTOR_KEYS
from vesalius.rules.each import NEIGHBOURS, Turn, names_of_each


class Report(Protocol):
    """Takes an error and where it is."""

    def __call__(
        self, code: str, message: str, at: YamlPath, advice: str | None = None, key: bool = False
    ) -> None:
        """Note an error."""


def is_beside(entry: object, ontology: Ontology) -> bool:
    """Tell whether something names members of a sequence by where they lie."""
    if isinstance(entry, str):
        return entry in NEIGHBOURS and entry not in ontology.structures
    if not isinstance(entry, dict) or len(entry) != 1:
        return False
    key = next(iter(entry))
    selects = key in SELECTOR_KEYS or key in ontology.attributes
    return not selects and key in names_of_each(ontology)


@dataclass(frozen=True)
class TurnWords:
    """Puts names in place of what means something else at each turn.

    Parameters
    ----------
    ontology : Ontology
        Structures and sequences.
    turn : Turn
        The side or member that is judged.
    report : callable
        Takes errors.
    """

    ontology: Ontology
    turn: Turn
    report: Report

    def selector(self, written: object, at: YamlPath) -> object:
        """Give a selector as it is meant at this turn.

        Parameters
        ----------
        written : object
            The selector as YAML gives it.
        at : tuple of str or int
            Where.

        Returns
        -------
        object
            Of the same form, for spans; None where it picks nothing, as beyond the end of a
            sequence, or where an error was reported.
        """
        if is_beside(written, self.ontology):
            return self._beside(written, at) or None
        if isinstance(written, str):
            return self.turn.of_side(written, self.ontology)
        if isinstance(written, list):
            return self._parts(written, at)
        if isinstance(written, dict):
            return self._keys(written, at)
        return written

    def _parts(self, written: list[Any], at: YamlPath) -> object:
        # A part that is left out would shift the places of those behind it.
        parts = [self.selector(part, (*at, i)) for i, part in enumerate(written)]
        kept = [part for part in parts if part is not None]
        if not parts or len(kept) == len(parts):
            return parts
        return [kept[0] if part is None else part for part in parts] if kept else None

    def _keys(self, written: dict[str, Any], at: YamlPath) -> object:
        meant = dict(written)
        for key in {"not", "any", "all"} & written.keys():
            part = self.selector(written[key], (*at, key))
            if part is not None:
                meant[key] = part
            elif key == "not":
                del meant[key]
            else:
                return None
        return meant

    def _beside(self, written: Any, at: YamlPath) -> list[str]:  # noqa: ANN401 - as YAML gives it
        """Give the members of a sequence beside that of this turn; none where that is wrong."""
        name = None if isinstance(written, str) else next(iter(written))
        words = [written] if name is None else written[name]
        where = at if name is None else (*at, name)
        places = [where]
        if isinstance(words, list) and name is not None:
            places = [(*where, i) for i in range(len(words))]
        words = words if isinstance(words, list) else [words]
        if not self._are_words(words, places):
            return []
        own = self.turn.sequence
        if own is None:
            advice = "add `each:` with a sequence, such as `each: vertebrae`"
            self.report("RUL026", "beside which member of a sequence?", at, advice)
            return []
        found: dict[str, None] = {}
        meant = name or (own.name if self.turn.undivided is None else str(own.both_sides))
        for sequence in self.turn.sequences(meant, self.ontology):
            for word in words:
                names = self.turn.neighbours(word, sequence)
                if names is None:
                    message = f"nothing says which member of `{meant}` lies beside the one judged"
                    advice = "say `first_beside` in sequences.yaml, or name the structures"
                    self.report("RUL027", message, where, advice, key=True)
                    return []
                found.update(dict.fromkeys(names))
        return list(found)

    def _are_words(self, words: Sequence[object], places: Sequence[YamlPath]) -> bool:
        wrong = [i for i, word in enumerate(words) if word not in NEIGHBOURS]
        for i in wrong:
            advice = suggest(str(words[i]), NEIGHBOURS) or f"words: {listing(NEIGHBOURS)}"
            message = f"`{words[i]}` is no place beside a member of a sequence"
            self.report("RUL026", message, places[i], advice)
        return not wrong
