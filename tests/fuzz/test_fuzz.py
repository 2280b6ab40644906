"""A short form of `make fuzz`, and what it stands on."""

from __future__ import annotations

import random
import warnings

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.mutating import mutate_bytes, mutate_header, mutate_text
from fuzz.target import READ, SilentChangeError, Target, attempt
from fuzz.targets import targets
from fuzz.trying import try_target
from vesalius.adapters.yaml_lint import lint_yaml
from vesalius.ontology.reading.diagnostics import DiagnosticError

TRIES = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def every(folder):
    return targets(folder)


def test_every_seed_is_read(every, folder):
    for target in every:
        for seed in target.seeds:
            if not target.name.endswith("header.nii.gz"):  # is packed after it was changed
                path = folder / target.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(seed)
                assert attempt(target, path) == READ, target.name


def test_mutated_files_end_in_a_diagnostic_or_are_read_as_they_are(every, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for target in every:
            tally = try_target(target, folder, TRIES, seed=7, kept=None)
            assert tally.tries == TRIES
            assert tally.faults == []


@pytest.mark.parametrize("mutate", [mutate_bytes, mutate_header, mutate_text])
def test_the_same_seed_gives_the_same_inputs(mutate):
    seed = bytes(range(256)) * 2 + b"a: [1, 2]\nb: {c: d}\n"
    made = [mutate(random.Random(number), seed) for number in range(50)]
    assert made == [mutate(random.Random(number), seed) for number in range(50)]
    assert len(set(made)) > 25


def test_faults_are_seen(tmp_path):
    def fail(path):
        if b"\xff" in path.read_bytes():
            raise KeyError("planted")
        raise SilentChangeError("planted")

    tally = try_target(
        Target("a", (b"\x00\xff" * 20,), mutate_bytes, fail), tmp_path, 20, 0, tmp_path / "kept"
    )
    assert len(tally.lost) + len(tally.silent) == 20
    assert len(list((tmp_path / "kept").iterdir())) == 20


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["liver", "spleen", "drop", "amos22", "{case}", "scheme/1", "male"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.integers(0, 20)
            | st.sampled_from(
                ["schema", "labels", "for", "expect", "repair", "is_a", "male", "left"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
HEADS = {
    "scheme/1": ("scheme", "title", "labels", "names", "regions", "join"),
    "rules/1": ("pack", "about", "phases", "rules"),
    "cohort/1": ("cohort", "predictions", "target", "cases", "select", "output", "metadata"),
    "anchors/1": ("anchors",),
}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(sorted(HEADS)))
def test_any_structure_of_yaml_is_read_or_refused(tmp_path_factory, data, head):
    keys = HEADS[head]
    content = {"schema": head, **{k: data.draw(VALUES, label=k) for k in keys}}
    path = tmp_path_factory.mktemp("yaml") / "a.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        found = lint_yaml([path]).diagnostics
    except DiagnosticError as error:
        found = error.diagnostics
    assert all(d.code and d.message for d in found)
