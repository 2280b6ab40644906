"""The names of one rule as integers, and what is lacking for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vesalius.engine.plan import Anchor
from vesalius.engine.steps import Condition, Region
from vesalius.ontology.document import YamlPath
from vesalius.rules.anchors import FittedSpec, LevelSpec, PlaneSpec
from vesalius.rules.directions import DIRECTIONS, Vector
from vesalius.rules.link_rules import Scope
from vesalius.rules.lower_anchors import lower_anchor
from vesalius.rules.place_models import RegionName, Relations
from vesalius.rules.relations import Term
from vesalius.rules.rule_types import Rule


@dataclass(frozen=True, eq=False)
class AnchorTable:
    """Anchors in use, each once.

    Parameters
    ----------
    labels : Mapping of str to int
        Structure to work label.
    anchors : list of Anchor
        Grows; steps refer to positions.
    unlisted : collection of str
        Structures that only sources have; the target has no integer for them.
    """

    labels: Mapping[str, int]
    anchors: list[Anchor] = field(default_factory=list)
    unlisted: Collection[str] = ()

    def index(self, spec: FittedSpec) -> int:
        """Give the position of an anchor, adding it where it is new."""
        anchor = lower_anchor(spec, self.labels)
        if anchor not in self.anchors:
            self.anchors.append(anchor)
        return self.anchors.index(anchor)


@dataclass(eq=False)
class Lowering:
    """One rule on its way to steps.

    Parameters
    ----------
    rule : Rule
        The rule.
    scope : Scope
        Looks names up and takes the errors.
    table : AnchorTable
        Anchors in use, and the work labels.
    lacking : dict of str to None
        Structures of the rule that have no work label; grows.
    obstacles : list of str
        Why a part of the rule cannot act; grows.
    blocked : bool
        Whether an anchor of the rule can never be fitted.
    """

    rule: Rule
    scope: Scope
    table: AnchorTable
    lacking: dict[str, None] = field(default_factory=dict)
    obstacles: list[str] = field(default_factory=list)
    blocked: bool = False

    def path(self, *steps: str | int) -> YamlPath:
        """Give a place inside the rule."""
        return (*self.rule.at, *steps)

    def labels(self, names: Sequence[str], by_name: Collection[str] = ()) -> tuple[int, ...]:
        """Give the work labels of those structures that have one.

        Of a group it is no news that some are lacking; noted are those that were written `by_name`,
        and the whole group where there are none.
        """
        known = self.table.labels
        found = tuple(known[name] for name in names if name in known)
        wanted = [name for name in names if name not in known and (not found or name in by_name)]
        self.lacking.update(dict.fromkeys(wanted))
        return found

    def judged(self) -> tuple[int, ...]:
        """Give the work labels of the structures that the rule judges."""
        return self.labels(self.rule.structures, _written_names(self.rule.written.for_))

    def select(self, selector: object, *at: str | int) -> tuple[int, ...]:
        """Give the work labels that a selector picks."""
        names = self.scope.select(selector, self.path(*at))
        return self.labels(names, _written_names(selector))

    def everything(self) -> tuple[int, ...]:
        """Give all work labels."""
        return tuple(sorted(self.table.labels.values()))

    def unlisted(self) -> tuple[int, ...]:
        """Give the work labels of structures that the target does not list."""
        return tuple(sorted(self.table.labels[name] for name in self.table.unlisted))

    def region(self, written: Relations | RegionName, *at: str | int) -> Region | None:
        """Give a region in anchors; None where it is wrong."""
        terms = self.scope.region(written, self.path(*at))
        return None if terms is None else self.conditions(terms)

    def conditions(self, terms: Iterable[Term]) -> Region:
        """Give terms in anchors."""
        return tuple(Condition(self.anchor(term.place), term.inside) for term in terms)

    def anchor(self, spec: FittedSpec) -> int:
        """Give the position of an anchor; notes one that never can be fitted."""
        index = self.table.index(spec)
        present = len(self.table.anchors[index].labels)
        if present < spec.at_least:
            self.blocked = True
            lack = [name for name in spec.structures if name not in self.table.labels]
            self.obstacles.append(
                f"`{spec.name}` cannot be fitted: the sources and the target yield {present} of "
                f"its structures, and it needs {spec.at_least}; there is no {_few(lack)}"
            )
        return index

    def sided_plane(self, name: str, *at: str | int) -> tuple[int, bool] | None:
        """Give a plane that parts left from right, and whether left is its positive side."""
        spec = self.scope.plane(name, self.path(*at))
        if spec is None:
            return None
        normal = normal_of(spec)
        if normal not in (DIRECTIONS["left"], DIRECTIONS["right"]):
            message = f"`{name}` does not part left from right"
            self.scope.report("RUL011", message, self.path(*at))
            return None
        return self.anchor(spec), normal == DIRECTIONS["left"]

    def mirror_pairs(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Give (left, right) pairs of structures of which at least one is among the names."""
        ontology = self.scope.ontology
        pairs: dict[tuple[str, str], None] = {}
        for name in names:
            other = ontology.mirror(name)
            if other is not None:
                left = ontology.get(name, "side") == "left"
                pairs[(name, other) if left else (other, name)] = None
        return tuple(pairs)

    def label_pairs(self, names: Iterable[str]) -> tuple[tuple[int, int], ...]:
        """Give (left, right) pairs of work labels; a pair that lacks one falls away."""
        found = []
        before = dict(self.lacking)
        for pair in self.mirror_pairs(names):
            labels = self.labels(pair)
            if len(labels) == 2:
                found.append((labels[0], labels[1]))
        if found:
            self.lacking = before
        return tuple(found)


def normal_of(spec: PlaneSpec | LevelSpec) -> Vector:
    """Give the patient direction of a plane's positive side."""
    return spec.toward if isinstance(spec, PlaneSpec) else spec.direction


def _written_names(selector: object) -> tuple[str, ...]:
    """Give the words of a selector that is a name or a list of names."""
    entries = selector if isinstance(selector, list) else [selector]
    return tuple(entry for entry in entries if isinstance(entry, str))


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")
