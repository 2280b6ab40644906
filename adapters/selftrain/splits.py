"""Dividing the cases of a dataset into nnU-Net's five folds, patients kept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vesalius.adapters.selftrain.pipeline_models import FOLDS

Splits = list[dict[str, list[str]]]


def make_splits(cases: Sequence[str], group: Mapping[str, str] | None = None) -> Splits:
    """Divide cases as nnU-Net does (its own function and seed).

    Parameters
    ----------
    cases : sequence of str
        Names.
    group : mapping of str to str, optional
        Group of each case, such as the patient; a group is never divided.

    Returns
    -------
    list of dict
        As in ``splits_final.json``: names for training and validation per fold.
    """
    from nnunetv2.utilities.crossval_split import generate_crossval_split  # noqa: PLC0415 - slow

    ordered = sorted(cases)
    of = {case: case for case in ordered} if group is None else group
    divided: Any = generate_crossval_split(sorted({of[c] for c in ordered}), 12345, FOLDS)
    return [
        {part: [c for c in ordered if of[c] in set(fold[part])] for part in ("train", "val")}
        for fold in divided
    ]
