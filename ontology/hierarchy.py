"""What lies above and below what: names of structures in one graph with two kinds of edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from vesalius.ontology.attribute import EDGES, Edge

Generations = tuple[tuple[str, ...], ...]
_Neighbours = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The graph of structures. Build it with :func:`build_hierarchy`.

    Parameters
    ----------
    above : mapping of str to mapping of Edge to tuple of str
        Per structure, in declaration order, its parents along each kind of edge, as written and
        without repetition.
    """

    above: Mapping[str, Mapping[Edge, tuple[str, ...]]]
    _along: dict[tuple[Edge, ...], tuple[_Neighbours, _Neighbours]] = field(
        default_factory=dict, init=False, repr=False
    )
    _generations: dict[tuple[str, tuple[Edge, ...]], Generations] = field(
        default_factory=dict, init=False, repr=False
    )

    def along(self, edges: Iterable[Edge] = EDGES) -> tuple[_Neighbours, _Neighbours]:
        """Give parents and children along some kinds of edge: parents of the first kind first."""
        kinds = tuple(edges)
        if kinds not in self._along:
            parents = {
                name: tuple(dict.fromkeys(chain.from_iterable(by_kind[kind] for kind in kinds)))
                for name, by_kind in self.above.items()
            }
            children: dict[str, list[str]] = {name: [] for name in parents}
            for name, found in parents.items():
                for parent in found:
                    children[parent].append(name)
            below = {name: tuple(found) for name, found in children.items()}
            self._along[kinds] = parents, below
        return self._along[kinds]

    def parents(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give the direct parents, as written, without repetition."""
        return self.along(edges)[0][name]

    def children(self, name: str, edges: Iterable[Edge] = EDGES) -> frozenset[str]:
        """Give the direct children."""
        return frozenset(self.along(edges)[1][name])

    def generations(self, name: str, edges: Iterable[Edge] = EDGES) -> Generations:
        """Give the ancestors by distance: parents, grandparents and so on, each only once.

        Within a generation the order is that in which parents are written.
        """
        asked = name, tuple(edges)
        if asked not in self._generations:
            self._generations[asked] = tuple(_layers(self.along(edges)[0], name))
        return self._generations[asked]

    def ancestors(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give all ancestors, the nearest first; as written within one distance."""
        return tuple(chain.from_iterable(self.generations(name, edges)))

    def descendants(self, name: str, edges: Iterable[Edge] = EDGES) -> frozenset[str]:
        """Give everything strictly below."""
        return frozenset(chain.from_iterable(_layers(self.along(edges)[1], name)))

    def parts(self, name: str) -> frozenset[str]:
        """Give everything that lies below along edges of which at least one is `part_of`."""
        wholes = {name, *self.descendants(name, ("is_a",))}
        parts = {part for whole in wholes for part in self.children(whole, ("part_of",))}
        return frozenset(parts.union(*(self.descendants(part) for part in parts)))

    def circles(self) -> Iterator[list[str]]:
        """Give circles of parents: one for every edge that leads back onto the path to it."""
        # Kept ones were found to have none: what reads YAML alone needs the library.
        import networkx as nx  # noqa: PLC0415

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.above)
        graph.add_edges_from((a, b) for a, above in self.along()[0].items() for b in above)
        path: list[str] = []
        for _, name, how in nx.dfs_labeled_edges(graph):
            if how == "forward":
                path.append(name)
            elif how == "reverse":
                path.pop()
            elif name in path:
                yield path[path.index(name) :]


def build_hierarchy(parents: Mapping[str, Mapping[Edge, Iterable[str]]]) -> Hierarchy:
    """Make the graph of structures and their parents.

    Parameters
    ----------
    parents : mapping of str to mapping of Edge to iterable of str
        Per structure its parents along each kind of edge, as written. Parents that are no
        structures themselves are left out.
    """
    return Hierarchy(
        {
            name: {
                kind: tuple(dict.fromkeys(p for p in by_kind[kind] if p in parents))
                for kind in EDGES
            }
            for name, by_kind in parents.items()
        }
    )


def _layers(neighbours: _Neighbours, name: str) -> Iterator[tuple[str, ...]]:
    """Give what can be reached from a structure by its distance, nothing twice."""
    seen = {name}
    last: tuple[str, ...] = (name,)
    while last:
        found = dict.fromkeys(each for one in last for each in neighbours[one])
        last = tuple(each for each in found if each not in seen)
        seen.update(last)
        if last:
            yield last
