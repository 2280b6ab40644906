"""The pictures of a rule's test, drawn: cells in the colours of the ontology, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.markup import escaped, link
from catalogue.page import structure_path
from vesalius.adapters.rule_tests.picture import BACKGROUND, VIEWS, read_picture
from vesalius.ontology.graph import Ontology
from vesalius.rules.rule import RuleTest

CELL = 18
GAP = 10
"""Between slices, in the units of a cell."""
LETTERED = 40
"""Pictures with more columns have no letters in their cells."""
NOTHING = "#12161c"
NO_COLOUR = (128, 128, 128)
OUTCOMES = {
    "changed": "acts",
    "holds": "finds nothing wrong",
    "violated": "reports",
    "skipped": "does not apply",
    "failed": "cannot repair",
}
_SEEN = {
    "coronal": "seen from the front",
    "axial": "seen from the feet",
    "sagittal": "seen from the left",
}


def picture_lines(test: RuleTest, here: str, ontology: Ontology) -> list[str]:
    """Write a test: its name, what is seen, its pictures and what the letters mean.

    Parameters
    ----------
    test : RuleTest
        A test whose pictures have no flaw.
    here : str
        Path of the page.
    ontology : Ontology
        Gives the colours.

    Returns
    -------
    list of str
        Lines of a page.
    """
    letters = tuple(dict.fromkeys((*test.key, *(test.hu or ()))))
    colours = {letter: _colour(test.key.get(letter), ontology) for letter in letters}
    before, _ = read_picture(test.before, letters)
    drawings = [_figure(before, colours, np.zeros(before.shape, bool), "before", test)]
    if test.after is not None:
        after, _ = read_picture(test.after, letters)
        meant = {BACKGROUND: "", **dict.fromkeys(letters, ""), **test.key}
        changed = np.vectorize(meant.__getitem__)(before) != np.vectorize(meant.__getitem__)(after)
        drawings += ['<div class="arrow" aria-hidden="true">→</div>']
        drawings += [_figure(after, colours, changed, "after", test)]
    case = "".join(f"; {key} {value}" for key, value in test.case.items())
    size = "" if test.spacing_mm is None else f"; voxels of {_mm(test.spacing_mm)} mm"
    return [
        f"**{escaped(test.name)}**: the rule {OUTCOMES[test.outcome]} "
        f'<span class="outcome {test.outcome}">{test.outcome}</span>',
        "",
        f"{test.view}, {_SEEN[test.view]}{escaped(case + size)}",
        "{ .seen }",
        "",
        f'<div class="pictures">{"".join(drawings)}</div>',
        "",
        " ".join(_legend(test, letters, colours, here)),
        "{ .legend }",
        "",
    ]


def _mm(spacing: tuple[float, float, float]) -> str:
    return " x ".join(f"{part:g}" for part in spacing)


def _colour(name: str | None, ontology: Ontology) -> tuple[int, int, int]:
    found = None if name is None else ontology.get(name, "color")
    if found is None:
        return NO_COLOUR
    red, green, blue = (int(part) for part in found)
    return red, green, blue


def _legend(
    test: RuleTest,
    letters: tuple[str, ...],
    colours: Mapping[str, tuple[int, int, int]],
    here: str,
) -> Iterator[str]:
    for letter in letters:
        name = test.key.get(letter)
        shown = "no structure" if name is None else link(here, structure_path(name), escaped(name))
        density = "" if test.hu is None or letter not in test.hu else f", {test.hu[letter]:g} HU"
        dark = _ink(colours[letter])
        yield (
            f'<span class="entry"><span class="swatch {dark}" style="background:'
            f'{_hex(colours[letter])}">{escaped(letter)}</span> {shown}{escaped(density)}</span>'
        )


def _figure(
    drawn: NDArray[np.str_],
    colours: Mapping[str, tuple[int, int, int]],
    changed: NDArray[np.bool_],
    caption: str,
    test: RuleTest,
) -> str:
    slices, rows, columns = drawn.shape
    width = slices * columns * CELL + (slices - 1) * GAP
    height = rows * CELL
    parts = []
    for at in range(slices):
        left = at * (columns * CELL + GAP)
        parts.append(
            f'<rect x="{left}" width="{columns * CELL}" height="{height}" fill="{NOTHING}"/>'
        )
        parts += _cells(drawn[at], left, colours, lettered=columns <= LETTERED)
        parts += _marks(changed[at], left)
    view = VIEWS[test.view]
    several = f", {slices} slices from {_opposite(view.into)} to {view.into}" if slices > 1 else ""
    sides = f"{_opposite(view.across)[0].upper()} | {view.across[0].upper()}"
    label = f"{caption}{several}"
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escaped(test.name)}: {caption}">{"".join(parts)}</svg>'
        f"<figcaption><span>{sides.partition(' | ')[0]}</span><span>{label}</span>"
        f"<span>{sides.partition(' | ')[2]}</span></figcaption></figure>"
    )


def _opposite(direction: str) -> str:
    pairs = (("left", "right"), ("anterior", "posterior"), ("superior", "inferior"))
    both = next(pair for pair in pairs if direction in pair)
    return both[1 - both.index(direction)]


def _cells(
    drawn: NDArray[np.str_],
    left: int,
    colours: Mapping[str, tuple[int, int, int]],
    *,
    lettered: bool,
) -> Iterator[str]:
    """Give each stretch of equal cells in a row as one rectangle, with its letters."""
    for row, cells in enumerate(drawn.tolist()):
        column = 0
        for letter, stretch in groupby(cells):
            many = len(list(stretch))
            if letter != BACKGROUND:
                x, y = left + column * CELL, row * CELL
                yield (
                    f'<rect x="{x}" y="{y}" width="{many * CELL}" height="{CELL}" '
                    f'fill="{_hex(colours[letter])}"/>'
                )
                if lettered:
                    places = " ".join(str(x + CELL // 2 + CELL * at) for at in range(many))
                    yield (
                        f'<text class="{_ink(colours[letter])}" x="{places}" y="{y + CELL - 4}">'
                        f"{escaped(letter) * many}</text>"
                    )
            column += many


def _marks(changed: NDArray[np.bool_], left: int) -> Iterator[str]:
    """Frame the cells that changed."""
    for row, column in np.argwhere(changed).tolist():
        yield (
            f'<rect class="mark" x="{left + column * CELL + 1}" y="{row * CELL + 1}" '
            f'width="{CELL - 2}" height="{CELL - 2}"/>'
        )


def _hex(colour: tuple[int, int, int]) -> str:
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"


def _ink(colour: Any) -> str:  # noqa: ANN401 - three figures of any kind
    """Say which letters can be read on a colour."""
    red, green, blue = colour
    return "dark" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "light"
