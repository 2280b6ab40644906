"""A user's own folder from Python: each of the four functions knows what is in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vesalius
from vesalius.ontology.project import read_project

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "aortic_calcification"
TARGET, RULES = "aorta_and_calcium", "calcification"
AORTA, CALCIUM = 1, 2
AORTA_OF_SOURCE = 52


@pytest.fixture
def volumes():
    """Give an aorta of which one voxel is bright, and the CT."""
    aorta = np.zeros((4, 4, 4), np.uint8)
    aorta[1:3, 1:3, :] = 1
    hu = np.where(aorta == 1, 40, -1000).astype(np.int16)
    hu[1, 1, 2] = 500
    return aorta, hu


@pytest.mark.parametrize("project", [EXAMPLE, str(EXAMPLE), read_project(EXAMPLE)])
def test_every_function_knows_the_project(volumes, project):
    aorta, hu = volumes
    calcified = np.where((aorta == 1) & (hu == 500), CALCIUM, aorta * AORTA)
    given, image = (aorta * AORTA_OF_SOURCE, np.eye(4)), (hu, np.eye(4))

    plain = vesalius.convert(given, "totalsegmentator_v2", TARGET, project=project)
    assert np.array_equal(plain.array, aorta * AORTA)

    found = vesalius.lint(plain, TARGET, image=image, rules=RULES, project=project)
    assert [outcome.rule.id for outcome in found.outcomes] == ["calcification/bright-aorta"]

    repaired = vesalius.repair(plain, TARGET, image=image, rules=RULES, project=project)
    assert np.array_equal(repaired.array, calcified)

    merged = vesalius.merge(
        {"totalsegmentator_v2": given}, image=image, target=TARGET, rules=RULES, project=project
    )
    assert np.array_equal(merged.array, calcified)


def test_without_the_project_its_scheme_is_not_known(volumes):
    with pytest.raises(vesalius.DiagnosticError, match="no scheme is called `aorta_and_calcium`"):
        vesalius.lint((volumes[0], np.eye(4)), TARGET, rules=None)
