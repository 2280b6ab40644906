"""Organs, vessels and bones of limbs under another name, or lost in part: told, or repaired."""

import pytest

import vesalius
from silent.table import SCHEME, Bench, phantom

REPAIRED = (
    "spleen and left kidney exchanged",
    "liver and spleen exchanged",
    "gullet and trachea exchanged",
    "left shoulder blade and humerus exchanged",
    "right hip bone and femur exchanged",
    "left gluteal muscles exchanged",
    "right clavicle and shoulder blade exchanged",
)
TOLD = (
    "left kidney called spleen",
    "right kidney called liver",
    "pancreas called stomach",
    "trachea called gullet",
    "vena cava called aorta",
    "portal vein called vena cava",
    "iliac arteries called aorta",
    "left lung called upper lobe",
    "heart called aorta",
    "left hip bone called sacrum",
    "left shoulder blade called humerus",
    "large gluteal muscle called middle one",
    "middle of the liver called heart",
    "middle of a lobe of the lung called colon",
    "lower half of the heart lost",
    "lower half of the spleen lost",
    "upper half of the bladder lost",
    "prostate called small bowel",
    "lower half of the duodenum called pancreas",
    "small bowel called colon",
    "trunk of the arm's vessels called aorta",
    "upper part of the left kidney called spleen",
    "upper half of the gullet called aorta",
)


@pytest.fixture(scope="module")
def bench():
    session = vesalius.Session(SCHEME, SCHEME)
    return Bench(phantom(session), session)


@pytest.mark.parametrize("name", REPAIRED)
def test_what_changed_names_gets_them_back(bench, name):
    row = bench.row(name)
    assert row.errors > 0
    assert row.restored == row.wrong > 0
    assert row.harmed == 0


@pytest.mark.parametrize("name", TOLD)
def test_what_is_lost_or_under_another_name_is_told(bench, name):
    row = bench.row(name)
    assert row.errors + row.warnings > 0
    assert row.harmed == 0
