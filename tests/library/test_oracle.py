"""Every test of every shipped rule on the oracle: the drawn result, told as the engine tells it.

The other tests of this folder run the engine in all orientations; here each picture lies in one
of them, another one from test to test.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pytest

from oracle.run import run_steps as run_on_oracle
from oracle.state import State
from vesalius.adapters.cases.rule_outcomes import ended
from vesalius.adapters.rule_tests.orient import ORIENTATIONS
from vesalius.adapters.rule_tests.scene import build_scene
from vesalius.engine.judging.context import ArrayImage, Source
from vesalius.engine.run_steps import Options, run_steps
from vesalius.engine.runs.labelmap import encode


def test_rule_on_the_oracle(shipped, bench):
    if isinstance(shipped, Exception):
        raise shipped
    rule, test = bench(shipped), shipped.test
    scene = build_scene(test, rule.labels)
    orientation = ORIENTATIONS[crc32(shipped.name.encode()) % len(ORIENTATIONS)]
    before = np.ascontiguousarray(orientation.apply(scene.before))
    affine = scene.affine @ orientation.matrix(scene.before.shape)
    image = None if scene.image is None else orientation.apply(scene.image)
    said = [np.ascontiguousarray(orientation.apply(array)) for array in scene.sources]
    sources = tuple(array.astype(np.int64) for array in said)
    state = State(before.astype(np.int64), affine, rule.anchors, scene.metadata, image, sources)
    after, outcomes, _ = run_on_oracle(rule.steps, state, unsafe=True)
    # What is drawn.
    assert (ended(outcomes)[0] if outcomes else "skipped") == test.outcome
    assert np.array_equal(orientation.undo(after.work), scene.after)
    # What the engine tells.
    image = None if image is None else ArrayImage(image)
    ruled = run_steps(
        rule.steps,
        rule.anchors,
        encode(before, affine),
        scene.metadata,
        image,
        Options(unsafe=True),
        [Source(f"source {n}", encode(array, affine)) for n, array in enumerate(said)],
    )
    for found, wanted in zip(ruled.outcomes, outcomes, strict=True):
        assert (found.status, found.excludes, found.vacuous) == (
            wanted.status,
            wanted.excludes,
            wanted.vacuous,
        )
        moves = [(move.source, move.target, move.voxels) for move in found.moves]
        assert moves == list(wanted.moves)
        for own, other in ((found.findings, wanted.findings), (found.remaining, wanted.remaining)):
            assert [(f.kind, f.labels, f.voxels) for f in own] == [w[:3] for w in other]
            for one, two in zip(own, other, strict=True):
                assert dict(one.values) == pytest.approx(dict(two.values), abs=2e-6)
