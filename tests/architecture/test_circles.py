"""No module imports itself by way of others, in functions and under TYPE_CHECKING neither."""

from __future__ import annotations

import grimp
import networkx as nx
import pytest


def circles(imports):
    """Give the groups of modules that import each other, each in a fixed order."""
    graph = nx.DiGraph(imports)
    groups = [group for group in nx.strongly_connected_components(graph) if len(group) > 1]
    return sorted([*map(sorted, groups), *([name] for name in nx.nodes_with_selfloops(graph))])


@pytest.fixture(scope="module")
def imports():
    graph = grimp.build_graph("vesalius", cache_dir=None)
    return {
        (module, imported)
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }


def test_circles_are_found():
    straight = {("a", "b"), ("b", "c"), ("a", "c")}
    assert circles(straight) == []
    assert circles(straight | {("c", "b"), ("d", "d")}) == [["b", "c"], ["d"]]


def test_no_circle_of_imports(imports):
    assert circles(imports) == []
