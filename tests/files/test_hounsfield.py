"""Images that are no CT any more are doubted, whatever their extremes; a CT is not."""

import numpy as np
import pytest

from vesalius.adapters.files import hounsfield
from vesalius.adapters.files.hounsfield import figure, hounsfield_doubt, padding_of
from vesalius.adapters.files.image_values import ImageVoxels
from vesalius.ontology.reading.document import load_document


def ct(noise=15):
    """A body in air: fat, soft tissue in it, a lung and a bone, with noise."""
    i, j, k = np.indices((40, 36, 30))
    away = np.hypot((i - 20) / 17, (j - 18) / 14)
    values = np.where(away < 1, -100.0, -1000.0)
    values[away < 0.85] = 50
    values[(np.hypot(i - 12, j - 16) < 5) & (k > 12)] = -850
    values[(np.hypot(i - 22, j - 26) < 3)] = 400
    return values + np.random.default_rng(0).normal(0, noise, values.shape)


def said(values, slope=1.0, inter=0.0):
    stored = np.asfortranarray(values)
    found = hounsfield_doubt("ct.nii.gz", ImageVoxels(stored, slope, inter, ""))
    return "" if found is None else f"{found.code} {found.severity} {found.message}"


PADDED = np.indices((40, 36, 30))[0] < 8


@pytest.mark.parametrize(
    "values",
    [
        ct(),
        np.rint(ct()).astype(np.int16),
        np.where(PADDED, -1024, ct()),
        np.where(PADDED, -2000, ct()),
        np.where(PADDED, np.nan, ct()),
        np.maximum(ct(), -1024),
        np.minimum(ct() * np.where(ct() > 300, 10, 1), 3071),
        ct()[12:30, 10:26],
        np.where(ct() > -500, 50.0, -1000.0),
    ],
    ids=["ct", "whole", "padded", "far padding", "nan", "floor", "metal", "crop", "two values"],
)
def test_a_ct_is_believed(values):
    assert said(values) == ""


@pytest.mark.parametrize(
    ("values", "how"),
    [
        ((ct() - ct().mean()) / ct().std(), "they spread from"),
        (np.clip(ct(), -160, 240), "they pile up at -160 and 240"),
        (np.clip(ct(), -1000, 200), "they pile up at 200"),
        (np.where(PADDED, 0, ct()), "they pile up at 0"),
        (ct() / 2, "air lies at -"),
        (np.rint(ct()).astype(np.int32).astype(np.int8), "stored in bytes"),
        (ct() + 1000, "above 700: shifted or scaled"),
        (np.where(PADDED, -2000, ct() + 1024), "above 700: shifted or scaled"),
        (ct() - 1000, "below -1100: shifted or scaled"),
        (ct() / 1000, "they spread from"),
        (ct() + 2000, "the lowest value is"),
    ],
    ids=["z-scored", "windowed", "lung window", "zero padding", "halved", "bytes", "shifted",
         "shifted and padded", "lowered", "scaled", "raised"],
)  # fmt: skip
def test_what_is_no_ct_is_doubted(values, how):
    found = said(values)
    assert found.startswith("IO019 warning these are no Hounsfield units")
    assert how in found


def test_scaling_of_the_file_is_undone_first():
    stored = np.rint((ct() + 1024) * 2).astype(np.int16)
    assert said(stored, 0.5, -1024) == ""
    assert "above 700" in said(stored, 0.5, -24)


def test_padding_is_the_lowest_value_where_it_piles_up():
    assert padding_of(ImageVoxels(np.asfortranarray(ct()), 1, 0, "")) is None
    padded = np.asfortranarray(np.where(PADDED, -1024, np.maximum(ct(), -1023)))
    assert padding_of(ImageVoxels(padded, 1, 0, "")) == -1024


def test_the_figures_are_those_of_the_yaml():
    written = load_document(hounsfield._FIGURES).data
    assert written
    for name, value in written.items():
        assert figure(name) == value


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_what_no_image_means_is_no_value(dtype):
    stored = np.full((4, 4, 4), -40, dtype)
    stored[0, 0], stored[1, 1, :2] = 2_000_000_000, -2_000_000_000
    image = ImageVoxels(np.asfortranarray(stored), 1.0, 0.0, "")
    assert image.without_number() == 6
    assert ImageVoxels(image.stored, 1e-5, 0.0, "").without_number() == 0
