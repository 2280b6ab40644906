"""The exact text of errors, as a notebook shows it.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os

import numpy as np
import pytest

import vesalius
from vesalius.adapters.code_pages import code_page

LABELS = np.zeros((3, 3, 3), np.uint8)


def no_scheme():
    vesalius.lint("seg.nii.gz")


def other_source():
    vesalius.Session(["amos22", "btcv"], rules=None).merge({"amos": "seg.nii.gz"})


def too_many():
    vesalius.Session("amos22", rules=None).merge({"amos22": ["a.nii.gz", "b.nii.gz"]})


def nothing_given():
    vesalius.Session("amos22", rules=None).merge({})


def several_sources():
    vesalius.Session(["amos22", "btcv"], rules=None).convert("seg.nii.gz")


def no_preference():
    vesalius.merge({"amos22": "a.nii.gz"}, rules=None, how="priority")


def unknown_preference():
    vesalius.merge({"amos22": "a.nii.gz"}, rules=None, how="priority", prefer=["amos2"])


def needless_preference():
    vesalius.merge({"amos22": "a.nii.gz"}, rules=None, prefer=["amos22"])


def no_way_to_merge():
    vesalius.merge({"amos22": "a.nii.gz"}, rules=None, how="votes")


def array_alone():
    vesalius.repair(LABELS, "amos22")


def no_sex():
    vesalius.lint((LABELS, np.eye(4)), "amos22", case={"sex": "Female"}, rules=None)


def unknown_scheme():
    vesalius.lint((LABELS, np.eye(4)), "totalsegmentator")


def unknown_pack():
    vesalius.lint((LABELS, np.eye(4)), "amos22", rules="recomended")


def unknown_rule():
    vesalius.lint((LABELS, np.eye(4)), "amos22", select="side/*")


def unknown_unsafe_rule():
    vesalius.repair((LABELS, np.eye(4)), "amos22", unsafe="sides/nothing-like-it")


def unlisted_integer():
    vesalius.lint((LABELS + 99, np.eye(4)), "amos22")


ALL = {
    no_scheme: "API001", other_source: "API002", too_many: "API002", nothing_given: "API002",
    several_sources: "API002", array_alone: "API003", no_sex: "API004",
    no_preference: "API005", unknown_preference: "API005", needless_preference: "API005",
    no_way_to_merge: "API005",
    unknown_scheme: "SCH001", unknown_pack: "RUL001", unknown_rule: "CLI003",
    unknown_unsafe_rule: "CLI003", unlisted_integer: "RUN001",
}  # fmt: skip


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.__name__)
def test_text_of_an_error(wrong, same_text):
    with pytest.raises(vesalius.DiagnosticError) as raised:
        wrong()
    assert [d.code for d in raised.value.diagnostics] == [ALL[wrong]]
    assert code_page(ALL[wrong]) is not None
    root = str(code_root())
    said = str(raised.value).replace(f"{root}/", "")
    within = os.path.relpath(root)
    if within.partition("/")[0] not in (".", ".."):  # installed below the working directory
        said = said.replace(f"{within}/", "")
    same_text(f"{ALL[wrong]}-{wrong.__name__}.txt", said + "\n")


def code_root():
    from vesalius.ontology.packaged import packaged_root

    return packaged_root().parent
