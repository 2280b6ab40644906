"""One picture of a label map: coronal and sagittal, coloured, seen as radiologists do."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.label_tables import LabelRow, with_colours
from vesalius.engine.runs.grid import Grid

WINDOW_HU = (-250.0, 450.0)
OPACITY = 0.75


def have_matplotlib() -> bool:
    """Tell whether pictures can be made (the `report` extra)."""
    try:
        import matplotlib  # noqa: F401, PLC0415 - a broken install counts as none
    except ImportError:
        return False
    return True


def draw_picture(
    ct: NDArray[np.int16],
    labels: NDArray[np.integer],
    grid: Grid,
    rows: Sequence[LabelRow],
) -> bytes:
    """Draw labels over the CT, through the middle of the labelled body.

    Parameters
    ----------
    ct : ndarray of int16, shape (i, j, k)
        HU, on canonical axes (RAS).
    labels : ndarray of int, shape (i, j, k)
        Integers named by `rows`.
    grid : Grid
        Spacing of both; its axes are the patient's x, y, z.
    rows : sequence of LabelRow
        Colours.

    Returns
    -------
    bytes
        A PNG.
    """
    import matplotlib as mpl  # noqa: PLC0415 - the `report` extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    colours = np.zeros((int(labels.max()) + 1, 3))
    for integer, _, rgb in with_colours(rows):
        if integer < len(colours):
            colours[integer] = np.array(rgb) / 255
    middle = [int(np.median(np.nonzero(labels.any(axis=other))[0])) for other in ((1, 2), (0, 2))]
    dx, dy, dz = grid.spacing_mm
    # Seen from the front the patient's right is on the left of the picture; x grows to the right.
    front = (slice(None, None, -1), middle[1], slice(None, None, -1))
    side = (middle[0], slice(None, None, -1), slice(None, None, -1))
    wide, deep, tall = (n * d for n, d in zip(labels.shape, grid.spacing_mm, strict=True))
    figure, axes = plt.subplots(
        1, 2, figsize=(7, 7 * tall / (wide + deep) + 0.4), facecolor="black",
        gridspec_kw={"width_ratios": [wide, deep]},
    )  # fmt: skip
    for axis, where, aspect, title, ends in (
        (axes[0], front, dz / dx, "coronal, from the front", "RL"),
        (axes[1], side, dz / dy, "sagittal, from the left", "AP"),
    ):
        axis.imshow(_blend(ct[where], labels[where], colours), aspect=aspect, origin="upper")
        axis.set_title(title, color="white", fontsize=9)
        for x, letter in zip((0.03, 0.97), ends, strict=True):
            axis.text(x, 0.97, letter, color="white", fontsize=9, ha="center", va="top",
                      transform=axis.transAxes)  # fmt: skip
        axis.axis("off")
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.95, wspace=0.02)
    file = BytesIO()
    figure.savefig(file, format="png", dpi=110, facecolor="black", metadata={"Software": None})
    plt.close(figure)
    return file.getvalue()


def _blend(
    ct: NDArray[np.int16], labels: NDArray[np.integer], colours: NDArray[np.float64]
) -> NDArray[np.float64]:
    low, high = WINDOW_HU
    gray = np.clip((ct.astype(np.float64) - low) / (high - low), 0, 1)[..., None].repeat(3, -1)
    over = np.where(labels[..., None] > 0, OPACITY, 0.0)
    return np.asarray((gray * (1 - over) + colours[labels] * over).transpose(1, 0, 2))
