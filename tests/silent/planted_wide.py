"""Mistakes of all structures of a map, made from the map itself: what touches what, and pairs.

`planted.py` and `planted_chains.py` name what they exchange. Here every structure is given its
nearest neighbour's name, wholly and in halves, exchanged with it, lost, moved and grown; every pair
changes sides; every chain is shifted from each of its members on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from silent.planted import SPINE, THORACIC_AND_LUMBAR, Labels, Mask, Plant, X, Y, Z, ribs

AXES = {"left-right": X, "front-back": Y, "head-foot": Z}
FEWEST_VOXELS = 20


class Mistake(NamedTuple):
    """One mistake: its kind, what it is, and how it is planted."""

    kind: str
    name: str
    plant: Plant


def mirror_of(name: str) -> str | None:
    """Name the structure of the other side."""
    for one, other in (("left", "right"), ("right", "left")):
        if one in name.split("_"):
            return name.replace(one, other)
    return None


def neighbours(labels: Labels, reach_voxels: int = 2) -> dict[str, str]:
    """Give for each structure the one that lies most around it, its mirror left out."""
    names = {number: name for name, number in labels.number.items()}
    found: dict[str, str] = {}
    for name in present(labels):
        where, part = around(labels, name, reach_voxels)
        seen = part[ndimage.binary_dilation(where, iterations=reach_voxels) & ~where]
        number, counts = np.unique(seen[seen > 0], return_counts=True)
        for at in np.argsort(-counts):
            other = names[int(number[at])]
            if other != mirror_of(name):
                found[name] = other
                break
    return found


def present(labels: Labels) -> list[str]:
    """Name the structures that are there with more than a crumb, by name."""
    number, counts = np.unique(labels.array, return_counts=True)
    there = {int(n) for n, count in zip(number, counts, strict=True) if count >= FEWEST_VOXELS}
    return sorted(name for name, n in labels.number.items() if n in there)


def around(labels: Labels, name: str, margin: int) -> tuple[Mask, np.ndarray]:
    """Cut a structure out, with a margin."""
    where = labels.of(name)
    at = np.argwhere(where)
    box = tuple(
        slice(max(int(low) - margin, 0), int(high) + margin + 1)
        for low, high in zip(at.min(axis=0), at.max(axis=0), strict=True)
    )
    return where[box], labels.array[box]


def move(labels: Labels, name: str, by: tuple[int, int, int], keep: bool = False) -> None:
    """Move a structure by voxels, over what is there; `keep` leaves it at its place too."""
    at = np.argwhere(labels.of(name))
    if not keep:
        labels.array[labels.of(name)] = 0
    to = at + np.asarray(by)
    inside = np.all((to >= 0) & (to < np.asarray(labels.array.shape)), axis=1)
    labels.array[tuple(to[inside].T)] = labels.number[name]


def grow(labels: Labels, name: str, voxels: int) -> None:
    """Grow a structure over its neighbours."""
    labels.call(ndimage.binary_dilation(labels.of(name), iterations=voxels), name)


def shrink(labels: Labels, name: str, voxels: int) -> None:
    """Take the outer layers of a structure away."""
    where = labels.of(name)
    labels.array[where & ~ndimage.binary_erosion(where, iterations=voxels)] = 0


def swap_halves(labels: Labels, name: str, other: str) -> None:
    """Exchange the names of the upper halves of a pair."""
    here, there = labels.part(name, Z, 0.5, 1), labels.part(other, Z, 0.5, 1)
    labels.call(here, other)
    labels.call(there, name)


def by_names(labels: Labels) -> Iterator[Mistake]:
    """Give each structure, and its halves, the name of its neighbour; or exchange both."""
    for name, other in neighbours(labels).items():
        pair = (name, other)
        yield Mistake("whole", f"{name} called {other}", lambda c, p=pair: c.call(c.of(p[0]), p[1]))
        yield Mistake("exchanged", f"{name} and {other}", lambda c, p=pair: c.exchange(*p))
        for axis, at in AXES.items():
            yield Mistake(
                f"half, {axis}",
                f"{name} called {other}",
                lambda c, p=pair, a=at: c.call(c.part(p[0], a, 0.5, 1), p[1]),
            )


def by_sides(labels: Labels) -> Iterator[Mistake]:
    """Exchange each pair, give both one name, exchange halves."""
    there = present(labels)
    for name in there:
        other = mirror_of(name)
        if "left" not in name or other not in there:
            continue
        pair = (name, other)
        yield Mistake("pair exchanged", name, lambda c, p=pair: c.exchange(*p))
        yield Mistake("pair, both left", name, lambda c, p=pair: c.call(c.of(p[1]), p[0]))
        yield Mistake("pair, both right", name, lambda c, p=pair: c.call(c.of(p[0]), p[1]))
        yield Mistake("pair, upper halves exchanged", name, lambda c, p=pair: swap_halves(c, *p))
        yield Mistake(
            "pair, upper half across",
            name,
            lambda c, p=pair: c.call(c.part(p[0], Z, 0.5, 1), p[1]),
        )


def by_loss(labels: Labels) -> Iterator[Mistake]:
    """Lose each structure, its lower half, or its middle; grow, shrink, move and copy it."""
    for name in present(labels):
        yield Mistake("lost", name, lambda c, n=name: c.array.__setitem__(c.of(n), 0))
        yield Mistake(
            "lower half lost",
            name,
            lambda c, n=name: c.array.__setitem__(c.part(n, Z, 0, 0.5), 0),
        )
        yield Mistake(
            "middle lost", name, lambda c, n=name: c.array.__setitem__(c.part(n, Z, 0.4, 0.6), 0)
        )
        yield Mistake("grown by 2 voxels", name, lambda c, n=name: grow(c, n, 2))
        yield Mistake("shrunk by 1 voxel", name, lambda c, n=name: shrink(c, n, 1))
        for axis, at in AXES.items():
            for by in (6, -12):
                step = tuple(by if axis_ == at else 0 for axis_ in (X, Y, Z))
                yield Mistake(
                    f"moved by {by} voxels, {axis}", name, lambda c, n=name, s=step: move(c, n, s)
                )
        yield Mistake("copied 20 voxels up", name, lambda c, n=name: move(c, n, (0, 0, 20), True))


def by_chains(labels: Labels) -> Iterator[Mistake]:
    """Shift each chain from each of its members on, by one or two; turn it around; shuffle it."""
    chains = {
        "vertebrae": [n for n in THORACIC_AND_LUMBAR if labels.of(n).any()],
        "spine": [n for n in SPINE if labels.of(n).any()],
        "left ribs": ribs("left"),
        "right ribs": ribs("right"),
    }
    for title, chain in chains.items():
        for at in range(0, len(chain) - 1, 3):
            for by in (1, -1):
                yield Mistake(
                    f"{title} shifted by {by}",
                    f"from {chain[at]} on",
                    lambda c, n=chain[at:], b=by: c.shift(n, b),
                )
                yield Mistake(
                    f"{title} shifted by {by}, to",
                    f"up to {chain[-1 - at]}",
                    lambda c, n=chain[:-at] or chain, b=by: c.shift(n, b),
                )
        for by in (2, -2):
            yield Mistake(f"{title} shifted by {by}", "all", lambda c, n=chain, b=by: c.shift(n, b))
        yield Mistake(f"{title} turned around", "all", lambda c, n=chain: permute(c, n, n[::-1]))
        mixed = [str(n) for n in np.random.default_rng(1).permutation(chain)]
        yield Mistake(f"{title} shuffled", "all", lambda c, n=chain, m=mixed: permute(c, n, m))
    for at in range(0, 11, 3):
        for by in (1, -1):
            yield Mistake(
                f"both ribs shifted by {by}",
                f"from {at + 1} on",
                lambda c, a=at, b=by: [c.shift(ribs(s)[a:], b) for s in ("left", "right")],
            )


def permute(labels: Labels, names: list[str], others: list[str]) -> None:
    """Call each of some structures by the name that stands at its place in another list."""
    masks = [labels.of(name) for name in names]
    for mask, other in zip(masks, others, strict=True):
        labels.call(mask, other)


def turn_block(labels: Labels, low: float, high: float, axis: int) -> None:
    """Turn a block of slices around along an axis."""
    count = labels.array.shape[Z]
    block = slice(int(low * count), int(high * count))
    labels.array[:, :, block] = np.flip(labels.array[:, :, block], axis)


def by_slices(labels: Labels) -> Iterator[Mistake]:
    """Lose, repeat, shuffle and turn slices; turn halves; interpolate."""

    def order(c: Labels, index: np.ndarray) -> None:
        c.array = np.ascontiguousarray(c.array[:, :, index])

    count = labels.array.shape[Z]
    every = np.arange(count)
    for share in (0.3, 0.5, 0.7):
        at = int(share * count)
        for many in (3, 10):
            gap = slice(at, at + many)
            yield Mistake("slices empty", f"{many} at {share}",
                          lambda c, g=gap: c.array.__setitem__((..., g), 0))  # fmt: skip
            again = np.insert(every, at, [at] * many)[:count]
            yield Mistake("slices repeated", f"{many} at {share}", lambda c, i=again: order(c, i))
            less = np.append(np.delete(every, np.s_[at : at + many]), [count - 1] * many)
            yield Mistake("slices missing", f"{many} at {share}", lambda c, i=less: order(c, i))
    mixed = every.copy()
    mixed[1::2], mixed[:-1:2] = every[:-1:2].copy(), every[1::2].copy()
    yield Mistake("slices", "each two exchanged", lambda c: order(c, mixed))
    rolled = np.roll(every, count // 2)
    yield Mistake("slices", "upper half below the lower one", lambda c: order(c, rolled))
    for low, high in ((0, 0.5), (0.5, 1), (0.3, 0.5), (0.5, 0.7), (0.4, 0.5)):
        for title, axis in AXES.items():
            yield Mistake(
                f"block turned, {title}",
                f"{low} to {high}",
                lambda c, lo=low, h=high, a=axis: turn_block(c, lo, h, a),
            )

    def interpolate(c: Labels) -> None:
        c.array = np.rint((c.array.astype(float) + np.roll(c.array, 1, axis=Z)) / 2).astype(
            c.array.dtype
        )

    yield Mistake("interpolated", "linearly by half a slice", interpolate)


def every_mistake(labels: Labels) -> Iterator[Mistake]:
    """Give all of them."""
    yield from by_sides(labels)
    yield from by_chains(labels)
    yield from by_slices(labels)
    yield from by_names(labels)
    yield from by_loss(labels)
