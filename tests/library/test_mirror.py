"""What a rule says of a picture it says of the picture in a mirror, with left and right exchanged.

Exceptions are rules about what lies on one side of every patient; each must be one in fact.
"""

from __future__ import annotations

import numpy as np
import pytest

from shipped_packs import shipped_pack, shipped_tests
from vesalius.adapters.cases.rule_outcomes import ended
from vesalius.adapters.rule_tests.scene import build_scene
from vesalius.engine.judging.context import ArrayImage, Source
from vesalius.engine.plan.roles import Role, held_by, integers
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import decode, encode
from vesalius.rules.compile.lower_rules import compile_rules

# What lies on one side of every patient, and so has no rule for the other side.
ONE_SIDED = {
    "contact/left-common-carotid": "the right one comes from the brachiocephalic trunk",
    "contact/left-kidney": "the spleen is on the left",
    "contact/left-subclavian-artery": "the right one comes from the brachiocephalic trunk",
    "contact/liver": "the liver is on the right",
    "contact/liver-and-ribs": "the liver is on the right",
    "contact/spleen-and-ribs": "the spleen is on the left",
    "names/spleen-and-left-kidney": "the spleen is on the left",
    "names/stomach-and-pancreas": "spleen and stomach are on the left",
    "place/brachiocephalic-trunk-is-there": "there is one trunk, on the right",
    "place/cut-off-right-lobes": "the middle lobe is on the right",
    "place/heart-on-the-left": "the heart is on the left",
    "contact/right-arch-vessels": "the brachiocephalic trunk is on the right",
    "contact/right-kidney": "the liver is on the right",
    "orientation/liver-on-the-right": "the liver is on the right",
    "orientation/liver-right-of-spleen": "the liver is on the right",
    "orientation/spleen-on-the-left": "the spleen is on the left",
    "orientation/stomach-on-the-left": "the stomach is on the left",
    "place/atria": "the right atrium is further to the right",
    "place/from-gallbladder-to-pancreas": "the gallbladder is on the right",
    "place/gallbladder-on-the-right": "the gallbladder is on the right",
    "place/left-upper-lobe-in-front": "the right lung has a middle lobe in front",
    "orientation/whole-spleen-on-its-side": "the spleen lies on one side",
    "orientation/whole-stomach-on-its-side": "the stomach lies on one side",
    "place/left-upper-lobe-above-the-heart": "the heart lies on the left",
    "place/left-lower-lobe-reaches-up": "the right lung has three lobes",
    "place/right-lower-lobe-reaches-up": "the right lung has three lobes",
    "place/right-upper-lobe-reaches-down": "the right lung has three lobes",
    "place/middle-lobe-below-upper": "the right lung has three lobes",
    "place/middle-lobe-is-there": "the right lung has three lobes",
    "place/middle-lobe-in-front": "the right lung has three lobes",
    "place/vena-cava-on-the-right": "the vena cava is on the right",
    "place/ventricles": "the right ventricle is further to the right",
    "ribs/numbers": "only where the liver is on the right, so that the image is not flipped",
    "sides/liver-on-the-right": "the liver is on the right",
    "size/lungs": "the left lung is smaller",
    "sources/left-and-right": "the liver is on the right",
}
# A voxel on the plane lies on its left, and so in a mirror as well.
ON_THE_PLANE = {
    "sides/one-name-for-both::both hip bones are called left, and touch each other",
    "sides/one-name-for-both::narrower 10 mm left of the plane, more so 20 mm left of it",
    "sides/paired-organs::a piece across the plane is cut",
    "sides/paired-organs::the isthmus of the thyroid reaches over",
    "sides/parts-across::less than that straddles it",
}
# Rules that ask for the other side.
POOLED = {
    "chains/left-and-right-ribs",
    "chains/ribs-and-vertebrae",
    "contact/symphysis",
    "place/cut-off",
    "place/cut-short",  # what it ends at may be of either side
    "size/even-pairs",
    "size/eyes",
    "size/kidneys",
    "size/lungs",
    # Where it lies says of which side it is, and its name may not.
    "strangers/femur-in-the-chest",
    "strangers/hip-in-the-chest",
    "strangers/humerus-in-the-pelvis",
    "strangers/shoulder-blade-in-the-pelvis",
}
# A ratio of left to right; what is too small there is too large in a mirror.
RATIO = {"too small a ratio": "too large a ratio", "too large a ratio": "too small a ratio"}


SEEN: list[tuple[str, str, bool]] = []


def exchanged(labels, ontology):
    """Give the label of the mirror of each label, its own where it has no mirror."""
    other = np.arange(max(labels.values()) + 1)
    for name, label in labels.items():
        other[label] = labels.get(ontology.mirror(name) or name, label)
    return other


def told(rule, before, said, scene, image):
    """Run a rule; give how it ended, the map, and its findings but for places."""
    work = encode(np.ascontiguousarray(before), scene.affine)
    image = None if image is None else ArrayImage(np.ascontiguousarray(image))
    options = Options(unsafe=True)
    sources = [
        Source(f"source {n}", encode(np.ascontiguousarray(array), scene.affine))
        for n, array in enumerate(said)
    ]
    ruled = run_steps(rule.steps, rule.anchors, work, scene.metadata, image, options, sources)
    found = [
        (finding.kind, finding.labels, finding.voxels)
        for outcome in ruled.outcomes
        for finding in outcome.findings
    ]
    status = ended(ruled.outcomes)[0] if ruled.outcomes else "skipped"
    return status, decode(ruled.labels), found


def says_the_same(item, bench, ontology):
    rule, test = bench(item), item.test
    scene = build_scene(test, rule.labels)
    other = exchanged(rule.labels, ontology)
    status, after, found = told(rule, scene.before, scene.sources, scene, scene.image)
    image = None if scene.image is None else scene.image[::-1]
    mirrored = other[scene.before[::-1]].astype(scene.before.dtype)
    said = [other[array[::-1]].astype(array.dtype) for array in scene.sources]
    status_there, after_there, found_there = told(rule, mirrored, said, scene, image)
    ours = []
    for kind, labels, size in found:
        there = sorted(int(other[n]) for n in labels)
        of_pair = there == sorted(labels) and any(other[n] != n for n in labels)
        ours.append((RATIO.get(kind, kind) if of_pair else kind, there, size))
    theirs = [(kind, sorted(labels), size) for kind, labels, size in found_there]
    return (
        status == status_there
        and np.array_equal(other[after[::-1]], after_there)
        and sorted(ours) == sorted(theirs)
    )


def test_a_rule_says_the_same_in_a_mirror(shipped, bench, ontology):
    if isinstance(shipped, Exception):
        raise shipped
    same = says_the_same(shipped, bench, ontology)
    SEEN.append((shipped.rule.id, shipped.name, same))
    assert same or shipped.rule.id in ONE_SIDED or shipped.name in ON_THE_PLANE


def test_exceptions_are_exceptions():
    if len(SEEN) < len(shipped_tests()):
        pytest.skip("only some of the tests above were run")
    assert {rule for rule, _, same in SEEN if not same} >= set(ONE_SIDED)
    assert {name for _, name, same in SEEN if not same} >= ON_THE_PLANE


@pytest.mark.parametrize("name", ["recommended", "dap_atlas"])
def test_no_rule_takes_the_other_side_for_a_partner(name, ontology, anchors):
    """What is judged on one side must not hold for what lies on the other."""
    pack = shipped_pack(name)
    labels = {structure: at for at, structure in enumerate(ontology.structures, start=1)}
    lowered = compile_rules(pack, ontology, anchors, labels)
    sides = {at: ontology.get(structure, "side") for structure, at in labels.items()}
    pooled = {}
    for step in lowered.steps:
        held = list(held_by(step.expect))
        judged, read = (
            {sides[n] for h in held if h.role is role for n in integers(h.value)}
            for role in (Role.JUDGED, Role.READ)
        )
        if ("left" in judged and "right" in read) or ("right" in judged and "left" in read):
            pooled[step.rule] = True
    assert set(pooled) == (POOLED if name == "recommended" else set())
