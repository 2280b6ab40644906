"""The painting order is total, coarse to fine, parts above wholes."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace

import pytest

from vesalius.engine.plan.plan_json import plan_digest, plan_to_json
from vesalius.ontology.load import load_scheme
from vesalius.rules.compile.painting_order import painting_order

PAPER = [
    "pediatric_ct_seg",
    "totalsegmentator_v2",
    "verse",
    "ribseg_v2",
    "ctpelvic1k",
    "amos22",
    "btcv_cervix",
    "atm22",
    "parse22",
    "segthor",
    "abdomenct_12organ",
    "bca_koitka2021",
    "headneck_private",
]


@pytest.fixture(scope="module")
def paper(ontology):
    from vesalius.rules.compile.compiler import compile_plan
    from vesalius.rules.places import load_anchors

    sources = {name: load_scheme(name, ontology) for name in PAPER}
    target = load_scheme("dap_atlas", ontology)
    return compile_plan(ontology, target, sources, load_anchors(ontology))


def test_ranks_are_a_permutation(paper):
    assert sorted(w.rank for w in paper.plan.work) == list(range(1, len(paper.plan.work) + 1))


def test_a_part_is_painted_after_every_ancestor(paper):
    ranks = {w.label: w.rank for w in paper.plan.work}
    for work in paper.plan.work:
        for ancestor in work.ancestors:
            assert ranks[ancestor] < work.rank, work.token


def test_levels_go_from_tissue_to_vessel(paper, ontology):
    rank = {w.token: w.rank for w in paper.plan.work}
    assert rank["fat"] < rank["skeletal_muscle"] or rank["skeletal_muscle"] < rank["liver"]
    assert max(rank["fat"], rank["skin"]) < rank["hip_left"] < rank["liver"]
    assert rank["liver"] < rank["heart_atrium_left"] < rank["aorta"]
    assert rank["skull"] < rank["vertebrae_C1"]


def test_every_target_structure_has_a_work_label(paper):
    outputs = {w.output for w in paper.plan.work if w.output}
    assert outputs == {e.integer for e in paper.linked.target.entries}
    assert len(outputs) == 143


def test_the_plan_does_not_depend_on_the_order_of_the_sources(paper, ontology):
    from vesalius.rules.compile.compiler import compile_plan
    from vesalius.rules.places import load_anchors

    backwards = {name: load_scheme(name, ontology) for name in reversed(PAPER)}
    target = load_scheme("dap_atlas", ontology)
    again = compile_plan(ontology, target, backwards, load_anchors(ontology))
    assert plan_to_json(again.plan) == plan_to_json(paper.plan)


def test_the_plan_is_json_and_its_digest_that_of_the_text(paper):
    text = plan_to_json(paper.plan)
    data = json.loads(text)
    assert [work["token"] for work in data["work"]] == [work.token for work in paper.plan.work]
    assert [source["token"] for source in data["sources"]] == sorted(PAPER)
    assert plan_digest(paper.plan) == hashlib.sha256(text.encode()).hexdigest()


class Small:
    """Four structures of one level: a part of a whole that is to be painted late, and others."""

    def __init__(self):
        self.priority = {"whole": 5, "part": 0, "early": 2, "late": 7}
        self.structures = {name: SimpleNamespace(abstract=False) for name in self.priority}

    def ancestors(self, name):
        return ("whole",) if name == "part" else ()

    def get(self, name, attribute, default=None):
        return self.priority[name] if attribute == "priority" else "organ"

    def rank_of(self, attribute, value):
        return 1


def test_a_part_is_painted_as_late_as_its_whole():
    """The highest priority of its line counts, or the whole would cover its own part."""
    integers = {"part": 1, "late": 2, "early": 3, "whole": 4}
    order = painting_order(["late", "part", "whole", "early"], integers, Small())
    assert [painted.name for painted in order] == ["early", "whole", "part", "late"]
    assert [painted.priority for painted in order] == [2, 5, 5, 7]
