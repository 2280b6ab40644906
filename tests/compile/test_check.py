"""What a set of sources cannot do for a target: golden texts."""

from __future__ import annotations

from shipped_packs import shipped_pack
from vesalius.rules.compile.compiler import compile_plan
from vesalius.rules.places import load_anchors


def test_nothing_expressed(scheme, compiled, golden):
    result = compiled(scheme("tgt", "1: liver"), scheme("src", "1: aorta\n2: brain"))
    assert [d.code for d in result.diagnostics] == ["CMP001"]
    golden("CMP001", result.diagnostics)


def test_some_classes_lost(scheme, compiled, golden):
    result = compiled(scheme("tgt", "1: liver"), scheme("src", "1: liver\n2: brain\n3: aorta"))
    assert [d.code for d in result.diagnostics] == ["CMP002"]
    golden("CMP002", result.diagnostics)


def test_sides_without_a_midline(scheme, compiled, golden):
    target = scheme("tgt", "1: hip_left\n2: hip_right\n3: sacrum")
    result = compiled(target, scheme("src", "1: sacrum\n2: hip"))
    assert [d.code for d in result.diagnostics] == ["CMP003"]
    golden("CMP003", list(result.diagnostics))


def test_no_complaint_where_the_spine_comes_along(scheme, compiled):
    target = scheme("tgt", "1: hip_left\n2: hip_right")
    spine = scheme("spine", "\n".join(f"{n}: vertebrae_L{n}" for n in range(1, 6)))
    result = compiled(target, scheme("src", "2: hip"), spine)
    assert "CMP003" not in [d.code for d in result.diagnostics]


def test_what_a_rule_makes_a_class_of_the_target_is_not_lost(scheme, ontology):
    target = scheme("tgt", "1: trachea\n2: bronchus")
    tree, windpipe = scheme("tree", "1: airways"), scheme("windpipe", "1: trachea")
    anchors = load_anchors(ontology)
    sources = {s.name: s for s in (tree, windpipe)}

    def codes(pack, only=None):
        result = compile_plan(ontology, target, sources, anchors, pack, only)
        return [d.code for d in result.diagnostics if d.code.startswith("CMP")]

    assert codes(None) == ["CMP001"]
    for name, rule in (("recommended", "parts/bronchus"), ("dap_atlas", "derive/bronchus")):
        pack = shipped_pack(name)
        assert codes(pack) == []
        assert codes(pack, [rule]) == []
        assert codes(pack, ["sex/no-male-organs-in-females"]) == ["CMP001"]
