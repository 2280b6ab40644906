"""The integers that occur in the real cases are classes of the scheme they are listed under."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from vesalius.ontology.scheme.scheme import Scheme

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def files() -> list[dict[str, Any]]:
    path = Path(os.environ.get("VESALIUS_DATA", "../shared/data")) / "index.yaml"
    if not path.is_file():
        pytest.skip(f"no real cases in {path.parent} (VESALIUS_DATA)")
    cases = yaml.safe_load(path.read_text())
    return [file for case in cases for file in case["files"] if "ids" in file]


def test_real_masks_hold_known_integers_with_the_listed_names(
    files: list[dict[str, Any]], scheme: Callable[[str], Scheme]
) -> None:
    compared = 0
    for file in files:
        if file["scheme"] in ("binary", "atm22"):  # one class, described and not named
            continue
        compared += 1
        names = {entry.integer: entry.name for entry in scheme(file["scheme"]).entries}
        listed = dict(zip(file["ids"], file["names"], strict=True))
        assert {integer: names.get(integer) for integer in listed} == listed, file["file"]
    assert compared >= 10


def test_a_folder_of_masks_is_named_by_the_scheme(
    files: list[dict[str, Any]], scheme: Callable[[str], Scheme]
) -> None:
    found = scheme("totalsegmentator_tissue_types")
    expected = {found.folder.format(name=entry.name) for entry in found.entries}
    folder = "ts_example_ct_slab30/tissue_types/"
    masks = {f["file"].removeprefix(folder) for f in files if f["file"].startswith(folder)}
    assert masks == expected
