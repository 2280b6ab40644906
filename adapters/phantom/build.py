"""From written entries to solids: one list of painting steps for a sex and a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from vesalius.adapters.phantom.curves import sheet, tube
from vesalius.adapters.phantom.describe import Description, Entry
from vesalius.adapters.phantom.forms import PlacementForm, ShapeForm, SweepForm, VaryForm
from vesalius.adapters.phantom.shapes import (
    Clipped,
    Cut,
    Cylinder,
    Ellipsoid,
    Floats,
    Placed,
    RoundedBox,
    Solid,
    Stack,
    mirrored,
    rotation,
    turned,
)


@dataclass(frozen=True, eq=False)
class Step:
    """Paint solids with one structure.

    Parameters
    ----------
    structure : str
        What the painted voxels become.
    solids : tuple of Solid
        Their union is painted.
    hu, noise_hu : float
        Mean and standard deviation of the CT there, in HU.
    over : frozenset of str
        Only these may be painted over; all where empty.
    spare : frozenset of str
        These are not painted over.
    """

    structure: str
    solids: tuple[Solid, ...]
    hu: float
    noise_hu: float
    over: frozenset[str]
    spare: frozenset[str]


def build_steps(description: Description, sex: str, seed: int) -> tuple[Step, ...]:
    """Give the painting steps of a phantom, in painting order."""
    steps = []
    for entry in description.entries:
        if entry.form.sex in (None, sex):
            for structure, solids in _solids_by_structure(entry, description.outlines, seed):
                over, spare = frozenset(entry.form.over), frozenset(entry.form.spare)
                step = Step(structure, solids, entry.hu, entry.noise_hu, over, spare)
                steps.append(step)
    return tuple(steps)


def body_scale(description: Description, sex: str, seed: int) -> Floats:
    """Give the scale of the whole body along x, y and z."""
    body = description.body
    spread = _random(seed, "body").uniform(-1.0, 1.0, 3) * np.asarray(body.variation)
    scale: Floats = np.asarray(body.sexes[sex].scale, dtype=np.float64)
    return np.asarray(scale * (1.0 + spread))


def _solids_by_structure(
    entry: Entry, outlines: Mapping[str, Stack], seed: int
) -> Iterable[tuple[str, tuple[Solid, ...]]]:
    form = entry.form
    placements: dict[str, PlacementForm | None] = dict(form.paint_each or {})
    if form.paint is not None:
        placements[form.paint] = None
    for name, placement in placements.items():
        yield name, _varied(form.shapes, placement, outlines, form.vary, name, seed, False)
        partner = entry.partners.get(name)
        if partner is not None:
            yield partner, _varied(form.shapes, placement, outlines, form.vary, partner, seed, True)


def _varied(
    shapes: list[ShapeForm],
    placement: PlacementForm | None,
    outlines: Mapping[str, Stack],
    vary: VaryForm | None,
    name: str,
    seed: int,
    reflect: bool,
) -> tuple[Solid, ...]:
    """Build the solids of one structure; the seed moves the solids but not what clips them."""
    pairs = [
        (solid, shape, flipped)
        for shape in shapes
        for flipped in ((False, True) if shape.both else (False,))
        for solid in _place(_plain(shape, outlines), placement)
    ]
    sides = [(mirrored(s) if flip != reflect else s, shape, flip) for s, shape, flip in pairs]
    if vary is not None:
        sides = _moved(sides, vary, name, seed)
    return tuple(_clipped(s, shape, outlines, flip != reflect) for s, shape, flip in sides)


def _plain(shape: ShapeForm, outlines: Mapping[str, Stack]) -> list[Solid]:
    """Build the solids of a shape without its clips."""
    outer = [s.shrunk(shape.shrink) if shape.shrink else s for s in _solids(shape, outlines)]
    if shape.hollow is None:
        return outer
    inner = tuple(solid.shrunk(shape.hollow) for solid in outer)
    return [Clipped(solid, without=inner) for solid in outer]


def _solids(shape: ShapeForm, outlines: Mapping[str, Stack]) -> list[Solid]:
    if shape.ellipsoid is not None:
        e = shape.ellipsoid
        centre = np.asarray(e.at)
        return [turned(Ellipsoid(centre, np.asarray(e.radii)), centre, np.asarray(e.turn))]
    if shape.cylinder is not None:
        c = shape.cylinder
        centre = np.asarray(c.at)
        solid = Cylinder(centre, np.asarray(c.radii), c.height)
        return [turned(solid, centre, np.asarray(c.turn))]
    if shape.box is not None:
        b = shape.box
        centre = np.asarray(b.at)
        return [turned(RoundedBox(centre, np.asarray(b.size), b.round), centre, np.asarray(b.turn))]
    if shape.tube is not None:
        return list(tube(_points(shape.tube.path, outlines), shape.tube.radius))
    if shape.sheet is not None:
        edge, other = shape.sheet.from_, shape.sheet.to
        bars = sheet(_points(edge, outlines), _points(other, outlines), shape.sheet.thickness)
        return list(bars)
    if shape.outline is None:  # pragma: no cover - the grammar asks for one solid
        raise ValueError("a shape without a solid")
    outline = outlines[shape.outline.name]
    return [outline if shape.outline.z is None else outline.between(*shape.outline.z)]


def _points(path: Iterable[list[float] | SweepForm], outlines: Mapping[str, Stack]) -> Floats:
    points: list[Floats] = []
    for waypoint in path:
        if isinstance(waypoint, SweepForm):
            outline: Stack = outlines[waypoint.on]
            if waypoint.shrink:
                outline = outline.shrunk(waypoint.shrink)
            share = np.linspace(0.0, 1.0, waypoint.steps + 1)
            angles = waypoint.angles[0] + share * (waypoint.angles[1] - waypoint.angles[0])
            heights = waypoint.z[0] + share * (waypoint.z[1] - waypoint.z[0])
            points += [outline.point(a, z) for a, z in zip(angles, heights, strict=True)]
        else:
            points.append(np.asarray(waypoint))
    return np.stack(points)


def _place(solids: list[Solid], placement: PlacementForm | None) -> list[Solid]:
    if placement is None:
        return solids
    turn = rotation(np.array([placement.tilt, 0.0, 0.0]))
    matrix = turn @ np.diag(np.asarray(placement.scale))
    return [Placed(solid, matrix, np.asarray(placement.at)) for solid in solids]


def _moved(
    sides: list[tuple[Solid, ShapeForm, bool]], vary: VaryForm, name: str, seed: int
) -> list[tuple[Solid, ShapeForm, bool]]:
    # Structures of one group draw the same numbers; only their centres differ.
    random = _random(seed, vary.group or name)
    shift = random.uniform(-1.0, 1.0, 3) * vary.shift
    scale = 1.0 + random.uniform(-1.0, 1.0) * vary.scale
    if vary.group is not None:
        centre = np.zeros(3)
        scale = 1.0
    else:
        boxes = [solid.bounds() for solid, _, _ in sides]
        low = np.min([box[0] for box in boxes], axis=0)
        centre = (low + np.max([box[1] for box in boxes], axis=0)) / 2
    matrix = np.eye(3) * scale
    offset = centre - matrix @ centre + shift
    return [(Placed(solid, matrix, offset), shape, flip) for solid, shape, flip in sides]


def _clipped(solid: Solid, shape: ShapeForm, outlines: Mapping[str, Stack], flip: bool) -> Solid:
    if not (shape.inside or shape.outside or shape.cut):
        return solid
    sign = np.array([-1.0, 1.0, 1.0]) if flip else np.ones(3)
    any_of = tuple(s for form in shape.inside for s in _clipping(form, outlines, flip))
    within = (any_of,) if any_of else ()
    without = tuple(s for form in shape.outside for s in _clipping(form, outlines, flip))
    cuts = tuple(Cut(np.asarray(c.through) * sign, np.asarray(c.normal) * sign) for c in shape.cut)
    return Clipped(solid, within, without, cuts)


def _clipping(form: ShapeForm, outlines: Mapping[str, Stack], flip: bool) -> tuple[Solid, ...]:
    solids = [_clipped(s, form, outlines, False) for s in _plain(form, outlines)]
    both = solids + [mirrored(s) for s in solids] if form.both else solids
    return tuple(mirrored(s) if flip else s for s in both)


def _random(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])
