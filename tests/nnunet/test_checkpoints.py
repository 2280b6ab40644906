"""Checkpoints are read without running what is in them."""

from __future__ import annotations

import os

import numpy as np
import pytest

from vesalius.adapters.nnunet.checkpoints import TRUST, is_readable, only_weights, trusts
from vesalius.ontology.reading.diagnostics import DiagnosticError


@pytest.fixture(scope="module")
def torch():
    """Imported by the tests, which takes seconds, and not by every collection."""
    return pytest.importorskip("torch")


class Evil:
    """Makes a folder when it is read."""

    def __init__(self, path):
        self.path = os.fspath(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def evil(torch, tmp_path):
    torch.save({"network_weights": Evil(tmp_path / "made")}, tmp_path / "evil.pth")
    return tmp_path


def test_code_in_a_checkpoint_is_not_run(evil):
    with pytest.raises(DiagnosticError) as failed:
        is_readable(evil / "evil.pth", trust=False)
    (problem,) = failed.value.diagnostics
    assert problem.code == "NNU028"
    assert "mkdir" in problem.message
    assert not (evil / "made").exists()


def test_not_even_where_nnunet_asks_for_it(torch, evil):
    before = torch.load
    with only_weights(trust=False), pytest.raises(DiagnosticError):
        torch.load(evil / "evil.pth", map_location="cpu", weights_only=False)
    assert not (evil / "made").exists()
    assert torch.load is before


def test_who_is_trusted_may_run_anything(torch, evil, monkeypatch):
    monkeypatch.delenv(TRUST, raising=False)
    with only_weights(trust=True):
        assert trusts()
        torch.load(evil / "evil.pth", map_location="cpu", weights_only=False)
    assert (evil / "made").is_dir()
    assert not trusts()


def test_what_nnunet_keeps_beside_the_weights_is_read(torch, tmp_path):
    content = {
        "network_weights": {"a": torch.arange(3)},
        "optimizer_state": {"state": {}, "param_groups": [{"lr": 0.01, "params": [0]}]},
        "_best_ema": np.float64(0.5),
        "logging": {"dice": [np.float32(0.25), np.int64(3)], "rows": np.arange(3.0)},
        "init_args": {"device": torch.device("cpu"), "fold": 0, "unpack": True},
        "inference_allowed_mirroring_axes": (0, 1, 2),
        "grad_scaler_state": None,
    }
    torch.save(content, tmp_path / "a.pth")
    with only_weights(trust=False):
        read = torch.load(tmp_path / "a.pth", map_location="cpu", weights_only=False)
    assert read["network_weights"]["a"].tolist() == [0, 1, 2]
    assert read["_best_ema"] == 0.5
    assert read["logging"]["rows"].tolist() == [0.0, 1.0, 2.0]
    assert read["init_args"] == content["init_args"]
    assert is_readable(tmp_path / "a.pth", trust=False)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
@pytest.mark.parametrize("trust", [False, True])
def test_a_checkpoint_that_was_cut_off_is_told_apart(torch, tmp_path, share, trust):
    torch.save({"network_weights": torch.zeros(1000)}, tmp_path / "a.pth")
    data = (tmp_path / "a.pth").read_bytes()
    (tmp_path / "a.pth").write_bytes(data[: int(len(data) * share)])
    assert not is_readable(tmp_path / "a.pth", trust)


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.5, None])
def test_a_checkpoint_that_cannot_be_read_is_said(torch, tmp_path, share, trust):
    """Empty, cut off, or something else; torch raises another error for each."""
    path = tmp_path / "a.pth"
    torch.save({"network_weights": {"a": torch.arange(3000)}}, path)
    whole = path.read_bytes()
    path.write_bytes(b"text" * 100 if share is None else whole[: int(len(whole) * share)])
    with only_weights(trust), pytest.raises(DiagnosticError) as failed:
        torch.load(path, map_location="cpu", weights_only=False)
    assert [d.code for d in failed.value.diagnostics] == ["NNU021"]
    assert not is_readable(path, trust)
