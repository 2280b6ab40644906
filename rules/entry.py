"""One entry of a pack's list of rules, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vesalius.ontology.reading.diagnostics import Span
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.ontology.reading.validation import value_at


@dataclass(frozen=True)
class Entry:
    """A rule, or the `use` that takes one of another pack.

    Parameters
    ----------
    document : Document
        The file it is in.
    at : tuple of str or int
        Path in the file.
    """

    document: Document
    at: YamlPath

    @property
    def written(self) -> Any:  # noqa: ANN401 - any YAML value
        """What is written there."""
        return value_at(self.document, self.at)

    @property
    def uses(self) -> bool:
        """Whether it takes a rule of another pack."""
        return isinstance(self.written, dict) and "use" in self.written

    @property
    def id(self) -> str | None:
        """The id that the rule has in this pack; None where none can be read."""
        if not isinstance(self.written, dict):
            return None
        taken = self.written.get("use")
        # PACK/PHASE/NAME
        rule_id = taken.partition("/")[2] if isinstance(taken, str) else None
        found = self.written.get("id", rule_id)
        return found if isinstance(found, str) else None

    @property
    def id_span(self) -> Span:
        """Where the id is written."""
        key = "use" if self.uses and "id" not in self.written else "id"
        return self.span(key)

    def span(self, *steps: str | int, key: bool = False) -> Span:
        """Give the span of a value inside, or of its key."""
        return self.document.span((*self.at, *steps), key=key)
