"""Tables that let viewers open a label map named and coloured: ITK-SNAP, 3D Slicer, JSON."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vesalius.adapters.files.atomic import json_text

Rgb = tuple[int, int, int]

_GOLDEN = 0.618033988749895  # fractional part of the golden ratio: hues that never repeat soon
_SHADES = ((0.85, 0.95), (0.50, 0.95), (0.90, 0.65), (0.55, 0.70))
_FAR_ENOUGH = 90.0  # distance in RGB steps at which two colours are told apart at a glance
_TRIES = 64
_CLOSER = 0.7


@dataclass(frozen=True)
class LabelRow:
    """One class of a label map.

    Parameters
    ----------
    integer : int
        Its number in the file, above 0.
    name : str
        What to call it.
    rgb : tuple of int or None
        Colour 0..255; None asks for a generated one.
    """

    integer: int
    name: str
    rgb: Rgb | None = None


def with_colours(rows: Iterable[LabelRow]) -> list[tuple[int, str, Rgb]]:
    """Sort rows by integer and give those without a colour one that differs from all others.

    The same rows always get the same colours, in whatever order they come.
    """
    ordered = sorted(rows, key=lambda row: row.integer)
    used = [row.rgb for row in ordered if row.rgb is not None]
    result = []
    step = 0
    for row in ordered:
        rgb = row.rgb
        if rgb is None:
            rgb, step = _new_colour(used, step)
            used.append(rgb)
        result.append((row.integer, row.name, rgb))
    return result


def itksnap_table(rows: Iterable[LabelRow]) -> str:
    """Give an ITK-SNAP label description file (Segmentation > Import Label Descriptions)."""
    lines = [
        "# ITK-SNAP label description",
        "# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL",
        '    0     0    0    0     0    0   0  "Clear Label"',
    ]
    for integer, name, (red, green, blue) in with_colours(rows):
        plain = _one_line(name).replace('"', "'")
        lines.append(f'{integer:5d}  {red:4d} {green:4d} {blue:4d}     1    1   1  "{plain}"')
    return "\n".join(lines) + "\n"


def slicer_table(rows: Iterable[LabelRow]) -> str:
    """Give a 3D Slicer colour table (.ctbl); it separates columns by blanks, so names have none."""
    lines = ["# Color table file for 3D Slicer", "# integer name R G B A", "0 background 0 0 0 0"]
    for integer, name, (red, green, blue) in with_colours(rows):
        plain = "_".join(_one_line(name).split()) or f"label_{integer}"
        lines.append(f"{integer} {plain} {red} {green} {blue} 255")
    return "\n".join(lines) + "\n"


def json_table(rows: Iterable[LabelRow]) -> str:
    """Give the label table as JSON (schema ``labels/1``)."""
    labels = [
        {"integer": integer, "name": name, "color": list(rgb)}
        for integer, name, rgb in with_colours(rows)
    ]
    return json_text({"schema": "labels/1", "background": 0, "labels": labels})


def _new_colour(used: Sequence[Rgb], step: int) -> tuple[Rgb, int]:
    """Walk the hues until one is far from all used; ask for less where none is left."""
    far = _FAR_ENOUGH
    while True:
        for _ in range(_TRIES):
            rgb = _colour(step)
            step += 1
            if all(_distance(rgb, other) >= far for other in used):
                return rgb, step
        far *= _CLOSER


def _colour(step: int) -> Rgb:
    saturation, value = _SHADES[step % len(_SHADES)]
    parts = colorsys.hsv_to_rgb((step * _GOLDEN) % 1.0, saturation, value)
    return round(parts[0] * 255), round(parts[1] * 255), round(parts[2] * 255)


def _distance(one: Rgb, other: Rgb) -> float:
    return math.dist(one, other)


def _one_line(name: str) -> str:
    return " ".join(name.split())
