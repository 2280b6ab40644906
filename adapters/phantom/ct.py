"""The CT of a phantom: a mean and a noise for each painted step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LOWEST_HU, _HIGHEST_HU = -1024, 3071


def make_ct(
    painted: NDArray[np.uint16],
    hu: NDArray[np.float32],
    noise_hu: NDArray[np.float32],
    seed: int,
) -> NDArray[np.int16]:
    """Give the CT in HU.

    Parameters
    ----------
    painted : ndarray of uint16
        Numbers of painting steps; 0 is air.
    hu, noise_hu : ndarray of float32, one value per step
        Mean and standard deviation; the first is air.
    seed : int
        Seed of the noise, which is drawn in the order of the array.

    Returns
    -------
    ndarray of int16
    """
    values = np.random.default_rng([seed, 1]).standard_normal(painted.shape, dtype=np.float32)
    values *= noise_hu[painted]
    values += hu[painted]
    np.rint(values, out=values)
    return np.clip(values, _LOWEST_HU, _HIGHEST_HU, out=values).astype(np.int16)
