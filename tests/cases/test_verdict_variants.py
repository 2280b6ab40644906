"""What a report says of its output is what lint says of it: on variants of the phantom.

Normal patients, planted mistakes and whole files that are turned; those of real files stand in
`test_verdict.py`.
"""

from __future__ import annotations

import numpy as np
import pytest

import vesalius
from vesalius.adapters.phantom import load_description, make_phantom, truth_labels
from vesalius.ontology.load import load_ontology, load_scheme

SCHEME = "totalsegmentator_v2"
SPACING_MM = 10.0


class Body:
    """A phantom in the integers of a scheme, and sessions for it."""

    def __init__(self):
        ontology = load_ontology()
        scheme = load_scheme(SCHEME, ontology)
        made = make_phantom(
            load_description(ontology=ontology), (SPACING_MM,) * 3, sex="male", seed=2
        )
        self.labels = truth_labels(made, scheme).astype(np.uint8)
        self.ct, self.affine = made.ct, made.grid.affine
        self.label = {name: scheme.integer_of(name) for name in scheme.structures()}
        self.names = {label: name for name, label in self.label.items()}
        self.session = vesalius.Session(target=SCHEME)
        self.atlas = vesalius.Session(SCHEME, target="dap_atlas")
        self.of_atlas = vesalius.Session(target="dap_atlas")

    def where(self, *words):
        chosen = [n for name, n in self.label.items() if any(word in name for word in words)]
        return np.isin(self.labels, chosen)

    def without(self, *words):
        return np.where(self.where(*words), 0, self.labels)

    def renamed(self, **names):
        table = np.arange(256)
        for old, new in names.items():
            table[self.label[old]] = self.label[new]
        return table[self.labels].astype(np.uint8)


@pytest.fixture(scope="module")
def body():
    return Body()


def crumbs(body):
    array = body.labels.copy()
    array[2:4, 2:4, 2:4] = body.label["liver"]
    array[5, -3, 10:13] = body.label["rib_left_5"]
    return array


def mirrored_lungs(body):
    lungs = body.where("lung_")
    mirrored = np.flip(np.where(lungs, body.labels, 0), 0)
    return np.where(mirrored, mirrored, np.where(lungs, 0, body.labels))


VARIANTS = {
    "as it is": lambda b: b.labels,
    "one kidney": lambda b: b.without("kidney_left"),
    "eleven ribs": lambda b: b.without("rib_left_12", "rib_right_12"),
    "no bones": lambda b: b.without("vertebrae", "rib_", "sternum", "hip", "sacrum", "femur"),
    "one side": lambda b: b.without("left"),
    "kidneys exchanged": lambda b: b.renamed(
        kidney_left="kidney_right", kidney_right="kidney_left"
    ),
    "two levels exchanged": lambda b: b.renamed(
        vertebrae_T8="vertebrae_T9", vertebrae_T9="vertebrae_T8"
    ),
    "ribs one off": lambda b: b.renamed(
        **{f"rib_left_{n}": f"rib_left_{n + 1}" for n in range(1, 12)}
    ),
    "crumbs": crumbs,
    "mirrored": lambda b: np.flip(b.labels, 0),
    "turned": lambda b: np.flip(b.labels, 1),
    "upside down": lambda b: np.flip(b.labels, 2),
    "mirrored lungs": mirrored_lungs,
    "half of it": lambda b: b.labels[:, :, : b.labels.shape[2] // 2],
}


def said(findings):
    """Findings in words, without the source that is named."""
    return {(f.rule, f.message.removeprefix(f"{f.source}: ") if f.source else f.message)
            for f in findings}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_lint_of_an_output_names_what_the_report_says_remains(name, body):
    array = np.ascontiguousarray(VARIANTS[name](body))
    image = (body.ct, body.affine) if array.shape == body.labels.shape else None
    result = body.session.repair((array, body.affine), image)
    found = body.session.lint(result, image)
    assert said(result.findings) == said(found.findings)
    assert found.verdict.word == result.verdict.word
    assert {o.rule.id: (o.result.status, o.result.reason) for o in result.outcomes} == {
        o.rule.id: (o.status, o.reason) for o in found.outcomes
    }


@pytest.mark.parametrize("name", ["crumbs", "mirrored"])
def test_the_same_in_another_scheme(name, body):
    array = np.ascontiguousarray(VARIANTS[name](body))
    result = body.atlas.convert((array, body.affine))
    found = body.of_atlas.lint(result)
    by_rule = [{f.rule for f in each.findings} for each in (result, found)]
    assert by_rule[0] == by_rule[1]
    theirs = [f for f in result.findings if not f.source]
    assert said(theirs) == said(f for f in found.findings if not f.source)
