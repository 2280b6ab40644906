"""What a report holds is the same to the bit wherever it is made."""

from dataclasses import replace

import numpy as np

from vesalius.adapters.cases.report import anchor_row
from vesalius.engine.merge.anchors import AnchorFit

# Two fits of one plane to one label map: numpy 2.2 on Python 3.10, numpy 2.5 on Python 3.13.
NORMAL = (-0.9969523924674706, -0.07496509867049564, -0.02159076503297891)
FIT = AnchorFit(
    "midline", "fitted", "", 8, (3,), NORMAL, -12.443632463199203, 4.474324804925747, 0.711789
)
OTHER = replace(FIT, normal=(*NORMAL[:2], -0.021590765032978895), offset_mm=-12.443632463199197)


def test_a_fit_is_told_without_the_digits_that_differ_between_machines():
    row = anchor_row(FIT, {3: "liver"})
    assert row == anchor_row(OTHER, {3: "liver"})
    assert row["left_out"] == ["liver"]
    np.testing.assert_allclose(row["normal"], NORMAL, rtol=0, atol=1e-9)
    assert (row["offset_mm"], row["tilt_deg"], row["residual_mm"]) == (
        -12.443632,
        4.474325,
        0.711789,
    )


def test_a_fit_that_came_to_nothing_has_no_figures():
    row = anchor_row(AnchorFit("midline", "missing", "", 1, ()), {})
    assert [row[key] for key in ("normal", "offset_mm", "tilt_deg", "residual_mm")] == [None] * 4
