"""The names of one rule as integers, and what is lacking for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from vesalius.engine.plan.meant import NearTo
from vesalius.engine.plan.reason import Reason
from vesalius.engine.plan.where import Condition, Per, Region
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.listing import listing
from vesalius.rules.parts import Members, NearOthers
from vesalius.rules.places.directions import DIRECTIONS, Vector
from vesalius.rules.places.regions import Term
from vesalius.rules.places.relation_models import RegionName, Relations
from vesalius.rules.places.specs import FittedSpec, LevelSpec, PlaneSpec
from vesalius.rules.places.table import AnchorTable
from vesalius.rules.scope import Scope


@dataclass(eq=False)
class Lowering:
    """One rule on its way to steps: all that a kind may ask about it.

    Parameters
    ----------
    at : tuple of str or int
        Path of the rule in its document.
    structures : tuple of str
        What the rule judges, in ontology order.
    selector : object
        The selector of these as written (`for`).
    where : Relations or None
        The region of an absence.
    per : {"component", "voxel"}
        What is judged and moved as one.
    scope : Scope
        Looks names up and takes the errors.
    table : AnchorTable
        Anchors in use, and the work labels.
    beyond : collection of str
        Structures that only sources have; the target has no integer for them.
    lacking : dict of str to None
        Structures of the rule that have no work label; grows.
    obstacles : list of Reason
        Why a part of the rule cannot act; grows.
    blocked : bool
        Whether an anchor of the rule can never be fitted.
    expected : int or None
        Which of several expectations is lowered; None where the rule has one.
    """

    at: YamlPath
    structures: tuple[str, ...]
    selector: object
    where: Relations | None
    per: Per
    scope: Scope
    table: AnchorTable
    beyond: Collection[str] = ()
    lacking: dict[str, None] = field(default_factory=dict)
    obstacles: list[Reason] = field(default_factory=list)
    blocked: bool = False
    expected: int | None = None

    def path(self, *steps: str | int) -> YamlPath:
        """Give a place inside the rule; "expect" is the expectation that is lowered."""
        if self.expected is not None and steps[:1] == ("expect",):
            return (*self.at, "expect", self.expected, *steps[1:])
        return (*self.at, *steps)

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
        return self.labels(self.structures, self.scope.named(self.selector))

    def select(self, selector: object, *at: str | int) -> tuple[int, ...]:
        """Give the work labels that a selector picks."""
        names = self.scope.select(selector, self.path(*at))
        return self.labels(names, self.scope.named(selector))

    def near(self, written: NearOthers | None, *at: str | int) -> NearTo | None:
        """Give what parts come near to, where structures are selected for it.

        Parameters
        ----------
        written : NearOthers or None
            What is near.
        *at : str or int
            Where in the rule it is written.
        """
        if written is None or not written.selects:
            return None
        return NearTo(tuple(sorted(self.select(written.of, *at, "near", "of"))), written.mm)

    def usual(self, written: Members, *at: str | int) -> tuple[int, ...]:
        """Give the work labels of a sequence, without variants, whose step is a unit of length.

        Parameters
        ----------
        written : str or list
            The sequence.
        *at : str or int
            Where in the rule it is written.
        """
        family = self.scope.family(written, self.path(*at))
        return () if family is None else self.labels(family.usual())

    def everything(self) -> tuple[int, ...]:
        """Give all work labels."""
        return tuple(sorted(self.table.labels.values()))

    def unlisted(self) -> tuple[int, ...]:
        """Give the work labels of structures that the target does not list."""
        return tuple(sorted(self.table.labels[name] for name in self.beyond))

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
            text = (
                f"`{spec.name}` cannot be fitted: the sources and the target yield {present} of "
                f"its structures, and it needs {spec.at_least}; there is no {listing(lack, 6)}"
            )
            self.obstacles.append(Reason(text, absent=tuple(lack)))
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

    def paired(self, *at: str | int) -> tuple[tuple[int, int], ...]:
        """Give (left, right) work labels of what the rule judges; reports where none has a mirror.

        Parameters
        ----------
        *at : str or int
            Where in the rule mirrors are asked for.
        """
        if self.structures and not self._mirror_pairs(self.structures):
            message = "none of these structures has one on the other side"
            advice = "select structures with a `mirror`"
            self.scope.report("RUL013", message, self.path(*at), advice)
        return self._label_pairs(self.structures)

    def mirrored(self, labels: Iterable[int]) -> tuple[tuple[int, int], ...]:
        """Give (left, right) pairs of some work labels; both are among them."""
        named = set(labels)
        names = [name for name, label in self.table.labels.items() if label in named]
        known = self.table.labels
        pairs = self._mirror_pairs(names)
        return tuple(
            (known[one], known[other])
            for one, other in pairs
            if known.get(one) in named and known.get(other) in named
        )

    def _mirror_pairs(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Give (left, right) pairs of structures of which at least one is among the names."""
        ontology = self.scope.ontology
        pairs: dict[tuple[str, str], None] = {}
        for name in names:
            other = ontology.mirror(name)
            if other is not None:
                left = ontology.get(name, "side") == "left"
                pairs[(name, other) if left else (other, name)] = None
        return tuple(pairs)

    def _label_pairs(self, names: Iterable[str]) -> tuple[tuple[int, int], ...]:
        """Give (left, right) pairs of work labels; a pair that lacks one falls away."""
        found = []
        before = dict(self.lacking)
        for pair in self._mirror_pairs(names):
            labels = self.labels(pair)
            if len(labels) == 2:
                found.append((labels[0], labels[1]))
        if found:
            self.lacking = before
        return tuple(found)

    def structure(self, name: str, *at: str | int, words: tuple[str, ...] = ()) -> int | None:
        """Give the work label of a structure by name; None where it is wrong or nothing yields it.

        Parameters
        ----------
        name : str
            As written.
        *at : str or int
            Where in the rule.
        words : tuple of str
            What else may stand there; only for the suggestion.
        """
        known = self.scope.structure(name, self.path(*at), words)
        if known is None:
            return None
        if known not in self.table.labels:
            text = f"nothing yields `{known}`, where parts should go"
            self.obstacles.append(Reason(text, unmade=(known,)))
            return None
        return self.table.labels[known]

    def no_direction(self, *at: str | int, key: bool = False) -> None:
        """Report a list that does not say along what it is in order."""
        message = "a list of structures has no direction of its own"
        advice = "add `direction:`, such as inferior"
        self.scope.report("RUL018", message, self.path(*at), advice, key=key)


def normal_of(spec: PlaneSpec | LevelSpec) -> Vector:
    """Give the patient direction of a plane's positive side."""
    return spec.toward if isinstance(spec, PlaneSpec) else spec.direction
