"""IDN002: a file that is read with the wrong scheme is doubted aloud, and no other."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import vesalius
from identify.table import body
from vesalius.adapters.identify.doubt import doubt_of
from vesalius.adapters.identify.ontology_looks import OntologyLooks
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.engine.runs.labelmap import encode
from vesalius.ontology.load import load_scheme


def doubt(labels, path, scheme, ontology):
    return doubt_of(labels, path, scheme, OntologyLooks(ontology), lambda: (scheme, ontology))


@pytest.fixture(scope="module")
def male():
    return body("male")


@pytest.fixture(scope="module")
def predict(male, ontology):
    """Give the map of a scheme, and its affine."""

    def make(name):
        labels = clean_prediction(male, load_scheme(name, ontology), ontology)
        return np.asfortranarray(labels), male.grid.affine

    return make


def test_no_right_map_is_doubted(male, schemes, ontology):
    doubted = []
    for scheme in schemes:
        labels = np.asfortranarray(clean_prediction(male, scheme, ontology))
        if doubt(encode(labels, male.grid.affine), "x", scheme, ontology) is not None:
            doubted.append(scheme.name)
    assert doubted == []


@pytest.mark.parametrize(
    ("written", "read", "named"),
    [
        ("totalsegmentator_v1", "totalsegmentator_v2", "totalsegmentator_v1"),
        ("totalsegmentator_v1", "totalsegmentator_v3", "totalsegmentator_v1"),
        ("dap_atlas_released", "dap_atlas", "dap_atlas_released"),
        ("dap_atlas", "dap_atlas_released", "dap_atlas"),
        ("amos22", "word", "amos22"),
    ],
)
def test_a_map_of_another_scheme_is_doubted(predict, ontology, written, read, named):
    labels = encode(*predict(written))
    said = doubt(labels, "seg.nii.gz", load_scheme(read, ontology), ontology)
    assert (said.code, said.severity) == ("IDN002", "warning")
    assert f"`{named}`" in said.message.partition(", not like")[0]


def test_a_map_that_the_scheme_reads_alike_is_not_doubted(predict, ontology):
    labels = encode(*predict("totalsegmentator_v1"))
    assert doubt(labels, "x", load_scheme("monai_wholebody_ct", ontology), ontology) is None


def test_lint_and_convert_say_it(predict):
    said = vesalius.lint(predict("dap_atlas_released"), "dap_atlas", rules=None).remarks
    assert [remark.code for remark in said] == ["IDN002"]
    golden = Path(__file__).parent / "golden" / "IDN002.txt"
    text = f"{vesalius.DiagnosticError(list(said))}\n"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
    right = predict("dap_atlas")
    assert vesalius.lint(right, "dap_atlas", rules=None).remarks == ()
    done = vesalius.convert(right, "dap_atlas_released", "totalsegmentator_v2")
    assert "IDN002" in [remark.code for remark in done.remarks]


def test_integers_that_a_scheme_does_not_list_are_looked_at_before_they_are_refused(predict):
    with pytest.raises(vesalius.DiagnosticError) as raised:
        vesalius.lint(predict("totalsegmentator_v1"), scheme="amos22", rules=None)
    (found,) = raised.value.diagnostics
    assert found.code == "RUN001"
    assert found.help.startswith("it looks like `")
    assert "totalsegmentator_v1" in found.help.partition("(")[0]


def test_only_a_scheme_that_lists_all_labels_is_named_instead(predict):
    """Schemes of vertebrae fit better, but list no disc either."""
    labels, affine = predict("verse")
    edge = (labels == 22) & (np.roll(labels, 1, axis=2) != 22)
    labels = np.where(edge, 122, labels)
    with pytest.raises(vesalius.DiagnosticError) as raised:
        vesalius.lint((labels, affine), scheme="verse", rules=None)
    (found,) = raised.value.diagnostics
    assert found.help.startswith("it looks like `spineps_vertebrae` (")
    labels[edge] = 150
    with pytest.raises(vesalius.DiagnosticError) as raised:
        vesalius.lint((labels, affine), scheme="verse", rules=None)
    (found,) = raised.value.diagnostics
    assert found.help.startswith("is this the right scheme? No other one that is known clearly")


@pytest.mark.parametrize(
    ("by", "background", "words"),
    [(1, 0, "one too high"), (1, 1, "one too high"), (-1, 0, "one too low")],
)
def test_labels_that_are_all_one_off_are_called_so(predict, ontology, by, background, words):
    labels, affine = predict("amos22")
    scheme = load_scheme("amos22", ontology)
    moved = np.where(labels == 0, background, labels.astype(int) + by).astype(np.uint8)
    if by < 0:
        said = doubt(encode(moved, affine), "x", scheme, ontology)
        assert (said.code, said.message.partition(" for ")[0]) == (
            "IDN002",
            f"its labels are {words}",
        )
        return
    with pytest.raises(vesalius.DiagnosticError) as raised:
        vesalius.lint((moved, affine), scheme="amos22", rules=None)
    (found,) = raised.value.diagnostics
    assert found.code == "RUN001"
    assert found.help.startswith(f"its labels are {words}, by what they look like")


def test_a_mask_in_the_place_of_a_label_map_is_called_so():
    mask = np.zeros((4, 5, 6), np.uint8)
    mask[1:3, 1:3, 1:3] = 255
    with pytest.raises(vesalius.DiagnosticError) as raised:
        vesalius.lint((mask, np.eye(4)), scheme="amos22", rules=None)
    (found,) = raised.value.diagnostics
    assert found.help.startswith("is this the mask of one class (0 and 255)?")


def test_auto_takes_a_clear_winner_only(predict):
    made = vesalius.convert(predict("totalsegmentator_v1"), scheme="auto", to="dap_atlas")
    right = vesalius.convert(predict("totalsegmentator_v1"), "totalsegmentator_v1", to="dap_atlas")
    assert np.array_equal(made.array, right.array)
    labels, affine = predict("totalsegmentator_v2")
    with pytest.raises(vesalius.DiagnosticError) as raised:
        vesalius.lint((np.where(labels == 5, labels, 0), affine), scheme="auto", rules=None)
    assert [d.code for d in raised.value.diagnostics] == ["IDN004"]
    assert "not clearly better than" in raised.value.diagnostics[0].message


@pytest.mark.parametrize("factor", [0.2, 10])
def test_a_grid_that_lost_its_spacing_is_no_other_scheme(predict, ontology, factor):
    labels, affine = predict("amos22")
    shrunk = encode(labels, np.diag([factor, factor, factor, 1]) @ affine)
    assert doubt(shrunk, "x", load_scheme("amos22", ontology), ontology) is None
