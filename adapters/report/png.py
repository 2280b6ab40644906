"""Pictures as PNG: unfiltered lines, compressed quickly.

Slices of labels have few colours and long runs of them. Filters, which help photographs, make them
larger: as Pillow writes them by default they take six to nine times as long and up to half more.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BITS, _RGB = 8, 2
_LEVEL = 1


def png_bytes(picture: NDArray[np.uint8]) -> bytes:
    """Write a picture as PNG.

    Parameters
    ----------
    picture : ndarray of uint8, shape (rows, columns, 3)
        Red, green, blue.
    """
    rows, columns, colours = picture.shape
    lines = np.zeros((rows, 1 + columns * colours), np.uint8)  # each begins with its filter: none
    lines[:, 1:] = picture.reshape(rows, columns * colours)
    header = struct.pack(">IIBBBBB", columns, rows, _BITS, _RGB, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), _LEVEL)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
