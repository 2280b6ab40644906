"""What lies above and below what: names of structures in one graph with two kinds of edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

import networkx as nx

from vesalius.ontology.attribute import EDGES, Edge

Generations = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The graph of structures. Build it with :func:`build_hierarchy`.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        An edge from child to parent, its key the kind of edge; nodes in declaration order.
    """

    graph: nx.MultiDiGraph[str]
    _along: dict[tuple[Edge, ...], nx.DiGraph[str]] = field(default_factory=dict, repr=False)
    _generations: dict[tuple[str, tuple[Edge, ...]], Generations] = field(
        default_factory=dict, repr=False
    )

    def along(self, edges: Iterable[Edge] = EDGES) -> nx.DiGraph[str]:
        """Give the graph of some kinds of edge: parents in writing order, the first kind first."""
        kinds = tuple(edges)
        if kinds not in self._along:
            graph: nx.DiGraph[str] = nx.DiGraph()
            graph.add_nodes_from(self.graph)
            for kind in kinds:
                graph.add_edges_from((a, b) for a, b, k in self.graph.edges(keys=True) if k == kind)
            self._along[kinds] = graph
        return self._along[kinds]

    def parents(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give the direct parents, as written, without repetition."""
        return tuple(self.along(edges).successors(name))

    def children(self, name: str, edges: Iterable[Edge] = EDGES) -> frozenset[str]:
        """Give the direct children."""
        return frozenset(self.along(edges).predecessors(name))

    def generations(self, name: str, edges: Iterable[Edge] = EDGES) -> Generations:
        """Give the ancestors by distance: parents, grandparents and so on, each only once.

        Within a generation the order is that in which parents are written.
        """
        asked = name, tuple(edges)
        if asked not in self._generations:
            _itself, *above = nx.bfs_layers(self.along(edges), [name])
            self._generations[asked] = tuple(map(tuple, above))
        return self._generations[asked]

    def ancestors(self, name: str, edges: Iterable[Edge] = EDGES) -> tuple[str, ...]:
        """Give all ancestors, the nearest first; as written within one distance."""
        return tuple(chain.from_iterable(self.generations(name, edges)))

    def descendants(self, name: str, edges: Iterable[Edge] = EDGES) -> frozenset[str]:
        """Give everything strictly below."""
        return frozenset(nx.ancestors(self.along(edges), name))

    def parts(self, name: str) -> frozenset[str]:
        """Give everything that lies below along edges of which at least one is `part_of`."""
        wholes = {name, *self.descendants(name, ("is_a",))}
        parts = {part for whole in wholes for part in self.children(whole, ("part_of",))}
        return frozenset(parts.union(*(self.descendants(part) for part in parts)))

    def circles(self) -> Iterator[list[str]]:
        """Give circles of parents: one for every edge that leads back onto the path to it."""
        path: list[str] = []
        for _, name, how in nx.dfs_labeled_edges(self.along()):
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
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(parents)
    for name, by_kind in parents.items():
        for kind in EDGES:
            for parent in by_kind[kind]:
                if parent in parents:
                    graph.add_edge(name, parent, key=kind)
    return Hierarchy(graph)
