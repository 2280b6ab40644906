"""From a test as written to the volumes of a small case, or to what is wrong with its pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.rule_tests.picture import (
    BACKGROUND,
    VIEWS,
    Flaw,
    View,
    is_letter,
    read_picture,
)
from vesalius.engine.judging.context import Source
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Span
from vesalius.ontology.reading.document import Document, YamlPath
from vesalius.rules.rule import RuleTest

SPACING_MM = (10.0, 10.0, 10.0)
"""Voxel size where a test gives none: one voxel is one millilitre."""

AIR_HU = -1000.0
"""Background, where a test with an image does not say otherwise, and what lies around it."""

LETTER_HU = 40.0
"""Letters that `hu` does not list."""

# An odd place, so that a rule that leans on the origin, or on round figures, is found out.
_ORIGIN_MM = (-103.7, 41.3, -812.9)
_AROUND = ((1, 1), (0, 0), (0, 0))


@dataclass(frozen=True, eq=False)
class Scene:
    """A small case in patient space.

    Along the axis that leads into the picture one layer of background (air) is added on either
    side, so that what is drawn is not cut by the border of the scan there. In the picture's plane
    its edge is the border of the scan.

    Parameters
    ----------
    view : View
        How it was drawn.
    letters : Mapping of str to int
        Label of each letter, 0 for the background and for letters without a structure.
    drawn, drawn_after : ndarray of str, shape (slices, rows, columns)
        The pictures.
    before, after : ndarray of uint16, shape (x, y, z)
        Labels, indices growing along patient x, y, z (RAS+).
    image : ndarray of float32, shape (x, y, z), or None
        Hounsfield values.
    affine : ndarray of float, shape (4, 4)
        Index to millimetres, RAS+.
    metadata : Mapping of str to str
        What is known about the case.
    sources : tuple of ndarray of uint16, shape (x, y, z)
        What each source says; none where the case has one.
    """

    view: View
    letters: Mapping[str, int]
    drawn: NDArray[np.str_]
    drawn_after: NDArray[np.str_]
    before: NDArray[np.uint16]
    after: NDArray[np.uint16]
    image: NDArray[np.float32] | None
    affine: NDArray[np.float64]
    metadata: Mapping[str, str]
    sources: tuple[NDArray[np.uint16], ...] = ()

    def said_by_sources(self, lay: Callable[[NDArray[np.uint16]], LabelMap]) -> tuple[Source, ...]:
        """Give what each source says, in an array as `lay` makes it."""
        return tuple(
            Source(f"source {n}", lay(array)) for n, array in enumerate(self.sources, start=1)
        )


def build_scene(test: RuleTest, labels: Mapping[str, int]) -> Scene:
    """Build the volumes of a test.

    Parameters
    ----------
    test : RuleTest
        The test as written.
    labels : Mapping of str to int
        Label of every structure that may be drawn.

    Returns
    -------
    Scene

    Raises
    ------
    DiagnosticError
        With every problem of the test's key and pictures.
    """
    problems = _key_problems(test)
    letters = dict.fromkeys((*test.key, *(test.hu or ())))
    letters.pop(BACKGROUND, None)
    drawn, flaws = read_picture(test.before, tuple(letters))
    problems += _diagnostics(flaws, test.before, (*test.at, "before"), test.document)
    drawn_after = drawn
    if test.after is not None:
        drawn_after, flaws = read_picture(test.after, tuple(letters))
        problems += _diagnostics(flaws, test.after, (*test.at, "after"), test.document)
    said = []
    for number, text in enumerate(test.sources):
        own, flaws = read_picture(text, tuple(letters))
        problems += _diagnostics(flaws, text, (*test.at, "sources", number), test.document)
        said.append(own)
    if not problems:
        problems = [*_pair_problems(test, drawn, drawn_after), *_source_problems(test, drawn, said)]
    if problems:
        raise DiagnosticError(problems)
    view = VIEWS[test.view]
    label_of = {letter: labels[test.key[letter]] if letter in test.key else 0 for letter in letters}
    label_of[BACKGROUND] = 0
    return Scene(
        view=view,
        letters=label_of,
        drawn=drawn,
        drawn_after=drawn_after,
        before=_labels(drawn, label_of, view),
        after=_labels(drawn_after, label_of, view),
        image=None if test.hu is None else _image(drawn, letters, test.hu, view),
        affine=_affine(test.spacing_mm or SPACING_MM),
        metadata=dict(test.case),
        sources=tuple(_labels(own, label_of, view) for own in said),
    )


def _labels(drawn: NDArray[np.str_], label_of: Mapping[str, int], view: View) -> NDArray[np.uint16]:
    cells = np.zeros(drawn.shape, dtype=np.uint16)
    for letter, label in label_of.items():
        cells[drawn == letter] = label
    return _in_patient(np.pad(cells, _AROUND), view)


def _image(
    drawn: NDArray[np.str_], letters: Iterable[str], hu: Mapping[str, float], view: View
) -> NDArray[np.float32]:
    cells = np.full(drawn.shape, AIR_HU, dtype=np.float32)
    for letter, value in {**dict.fromkeys(letters, LETTER_HU), **hu}.items():
        cells[drawn == letter] = value
    return _in_patient(np.pad(cells, _AROUND, constant_values=AIR_HU), view)


def _in_patient(padded: NDArray[Any], view: View) -> NDArray[Any]:
    return np.ascontiguousarray(view.to_patient(padded))


def _affine(spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    affine = np.diag([*spacing_mm, 1.0])
    affine[:3, 3] = _ORIGIN_MM
    return affine


# What can be wrong ------------------------------------------------------------------------------


def _key_problems(test: RuleTest) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for part, entries in (("key", test.key), ("hu", test.hu or {})):
        for letter in entries:
            if is_letter(letter) or (part == "hu" and letter == BACKGROUND):
                continue
            found.append(
                Diagnostic(
                    "PIC004",
                    "error",
                    f"`{letter}` cannot be a letter of a picture",
                    test.document.span((*test.at, part, letter), key=True),
                    help="a letter is one character, not a blank, `.` (background) or `-`",
                )
            )
    return found


def _diagnostics(
    flaws: Sequence[Flaw], text: str, at: YamlPath, document: Document
) -> list[Diagnostic]:
    return [
        Diagnostic(
            flaw.code, "error", flaw.message, _place(flaw, text, at, document), help=flaw.help
        )
        for flaw in flaws
    ]


def _place(flaw: Flaw, text: str, at: YamlPath, document: Document) -> Span:
    """Find a flaw in the file: below the key for a block of lines, else the value itself."""
    whole = document.span(at)
    number = whole.line + 1 + flaw.line
    lines = text.split("\n")
    content = lines[flaw.line] if flaw.line < len(lines) else ""
    written = document.line(number)
    if not content.strip() or not written.endswith(content):
        return whole
    indent = len(written) - len(content) + 1
    return Span(whole.path, number, indent + flaw.column, indent + flaw.end_column)


def _pair_problems(
    test: RuleTest, drawn: NDArray[np.str_], after: NDArray[np.str_]
) -> list[Diagnostic]:
    span = test.document.span((*test.at, "after" if test.after is not None else "outcome"))
    if drawn.shape != after.shape:
        message = f"`after` has {_size(after)}, `before` has {_size(drawn)}"
        help_text = "both pictures show the same part of the patient"
        return [Diagnostic("PIC003", "error", message, span, help=help_text)]
    names = {**dict.fromkeys(test.hu or (), ""), **test.key, BACKGROUND: ""}
    same = all(
        names[one] == names[other] for one, other in zip(drawn.flat, after.flat, strict=True)
    )
    if test.outcome == "changed" and same:
        message = (
            "the outcome is `changed`, but no `after` is drawn"
            if test.after is None
            else "the outcome is `changed`, but `after` is the same as `before`"
        )
        help_text = "draw `after`, or write `outcome: holds`"
        return [Diagnostic("PIC007", "error", message, span, help=help_text)]
    if test.outcome != "changed" and not same:
        message = f"the outcome is `{test.outcome}`, but `after` differs from `before`"
        help_text = "only `changed` changes a voxel; leave `after` out, or write `outcome: changed`"
        return [Diagnostic("PIC007", "error", message, span, help=help_text)]
    return []


def _source_problems(
    test: RuleTest, drawn: NDArray[np.str_], said: Sequence[NDArray[np.str_]]
) -> list[Diagnostic]:
    return [
        Diagnostic(
            "PIC003",
            "error",
            f"source {number + 1} has {_size(own)}, `before` has {_size(drawn)}",
            test.document.span((*test.at, "sources", number)),
            help="all pictures show the same part of the patient",
        )
        for number, own in enumerate(said)
        if own.shape != drawn.shape
    ]


def _size(drawn: NDArray[np.str_]) -> str:
    slices, rows, columns = drawn.shape
    many = f"{slices} slices of " if slices > 1 else ""
    return f"{many}{rows} x {columns} cells"
