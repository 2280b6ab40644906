"""Folds: nnU-Net's own, and with patients kept together."""

from __future__ import annotations

import pytest

from vesalius.adapters.nnunet.installation import is_installed
from vesalius.adapters.selftrain.splits import make_splits

pytestmark = [
    pytest.mark.skipif(not is_installed(), reason="nnU-Net is not installed"),
    pytest.mark.filterwarnings("ignore"),
]
CASES = [f"c{n:02d}" for n in range(23)]


def test_without_groups_they_are_nnunets_own():
    from nnunetv2.utilities.crossval_split import generate_crossval_split

    theirs = generate_crossval_split(CASES, seed=12345, n_splits=5)
    ours = make_splits(CASES[::-1])
    assert [{k: [str(c) for c in v] for k, v in fold.items()} for fold in theirs] == ours


def test_a_group_is_never_divided_and_every_case_is_validated_once():
    group = {case: f"P{n % 7}" for n, case in enumerate(CASES)}
    splits = make_splits(CASES, group)
    assert len(splits) == 5
    for fold in splits:
        assert sorted(fold["train"] + fold["val"]) == CASES
        assert not {group[c] for c in fold["train"]} & {group[c] for c in fold["val"]}
    assert sorted(c for fold in splits for c in fold["val"]) == CASES
