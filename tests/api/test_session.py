"""A session is compiled once and serves many cases."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import vesalius
import vesalius.compiling


def test_two_cases_of_one_session(file, organs, affine, pack, monkeypatch):
    monkeypatch.setenv("VESALIUS_CACHE", "off")
    compiled = []
    compile_plan = vesalius.compiling.compile_plan
    monkeypatch.setattr(
        vesalius.compiling, "compile_plan", lambda *a: compiled.append(a) or compile_plan(*a)
    )
    session = vesalius.Session("amos22", "amos22", rules=pack)
    other = np.where(organs == 6, 6, 0)[::-1].astype(np.uint8)
    results = [session.repair(file), session.repair((other, affine))]
    assert len(compiled) == 1
    alone = [
        vesalius.repair(file, "amos22", rules=pack),
        vesalius.repair((other, affine), "amos22", rules=pack),
    ]
    for one, two in zip(results, alone, strict=True):
        assert np.array_equal(one.array, two.array)
        assert one.report == two.report
    assert not np.array_equal(results[0].array, results[1].array)


def test_a_session_keeps_nothing_of_a_case(file, organs, affine):
    session = vesalius.Session("amos22", "dap_atlas", rules=None)
    first = session.merge({"amos22": file}, case={"sex": "male"})
    session.merge({"amos22": (np.ones_like(organs), affine)}, case={"sex": "female"})
    again = session.merge({"amos22": file}, case={"sex": "male"})
    assert np.array_equal(first.array, again.array)
    assert first.report == again.report


def test_names_of_sources(file, affine, organs):
    session = vesalius.Session({"model_a": "amos22", "model_b": "amos22"}, "amos22", rules=None)
    assert list(session.schemes) == ["model_a", "model_b"]
    only_b = session.merge({"model_b": file})
    assert [row["source"] for row in only_b.report["sources"]] == ["model_b"]
    # A scheme stands for all its sources, in their order.
    both = session.merge({"amos22": [file, (np.zeros_like(organs), affine)]})
    a, b = both.report["sources"]
    assert (a["source"], b["source"]) == ("model_a", "model_b")
    assert a["classes"]
    assert not b["classes"]


def test_a_scheme_of_ones_own_by_its_path(tmp_path, file):
    own = tmp_path / "own.yaml"
    own.write_text(
        "schema: scheme/1\nscheme: own\ntitle: Own\nlabels:\n  1: spleen\nclosed: false\n"
    )
    session = vesalius.Session([own], "amos22", rules=None)
    for key in (own, "own"):
        result = session.merge({key: file})
        assert set(np.unique(result.array)) == {0, 1}


def test_sources_are_the_target_where_none_are_given(file):
    session = vesalius.Session(target="amos22", rules=None)
    assert list(session.schemes) == ["amos22"]
    assert session.lint(file).ok


def test_a_session_travels_to_another_process(file, pack):
    session = vesalius.Session("amos22", "amos22", rules=pack)
    sent = pickle.loads(pickle.dumps(session))
    one, two = session.repair(file), sent.repair(file)
    assert np.array_equal(one.array, two.array)
    assert one.report == two.report


def test_a_trace_is_written_where_it_is_asked_for(file, pack, tmp_path):
    session = vesalius.Session("amos22", "amos22", rules=pack, trace=True)
    session.repair(file).save_folder(tmp_path)
    assert (tmp_path / "trace.nii.gz").is_file()


def test_what_compiling_had_to_say():
    session = vesalius.Session("amos22", "segthor", rules=None)
    assert "CMP002" in {remark.code for remark in session.remarks}


@pytest.mark.parametrize("predictions", [{}, {"verse": "x"}, {"amos22": ["x", "y"]}])
def test_predictions_that_are_not_of_the_session(predictions):
    session = vesalius.Session("amos22", "amos22", rules=None)
    with pytest.raises(vesalius.DiagnosticError) as raised:
        session.merge(predictions)
    assert [d.code for d in raised.value.diagnostics] == ["API002"]


@pytest.mark.parametrize("method", ["lint", "repair", "convert"])
def test_one_segmentation_needs_a_session_of_one_source(file, method):
    session = vesalius.Session(["amos22", "btcv"], "amos22", rules=None)
    with pytest.raises(vesalius.DiagnosticError, match="API002"):
        getattr(session, method)(file)
