"""Solid shapes in patient millimetres: each knows its box and which points lie inside.

Coordinates come as three arrays x, y, z that broadcast against each other, so a shape on an
axis-aligned grid costs little more than one comparison per voxel of its box.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Bounds = tuple[Floats, Floats]


class Solid(Protocol):
    """A set of points in space."""

    def bounds(self) -> Bounds:
        """Give the lowest and the highest corner (mm) of a box around the solid."""
        ...

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside; x, y, z in mm, broadcast against each other."""
        ...

    def shrunk(self, by_mm: float) -> Solid:
        """Give the same solid with its surface moved inwards (outwards where negative)."""
        ...


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """An ellipsoid with its axes along x, y and z."""

    centre: Floats
    radii: Floats

    def bounds(self) -> Bounds:
        """Give the box."""
        return self.centre - self.radii, self.centre + self.radii

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        (cx, cy, cz), (rx, ry, rz) = self.centre, self.radii
        # Adding the two cheaper terms last leaves one comparison over the whole box.
        flat = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2
        return np.asarray(flat <= 1.0 - ((z - cz) / rz) ** 2)

    def shrunk(self, by_mm: float) -> Ellipsoid:
        """Move the surface inwards."""
        return replace(self, radii=np.maximum(self.radii - by_mm, 1e-6))


@dataclass(frozen=True, eq=False)
class Cylinder:
    """An elliptic cylinder that stands on z."""

    centre: Floats
    radii: Floats
    height: float

    def bounds(self) -> Bounds:
        """Give the box."""
        half = np.array([self.radii[0], self.radii[1], self.height / 2])
        return self.centre - half, self.centre + half

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        cx, cy, cz = self.centre
        flat = ((x - cx) / self.radii[0]) ** 2 + ((y - cy) / self.radii[1]) ** 2 <= 1.0
        return np.asarray(flat & (np.abs(z - cz) <= self.height / 2))

    def shrunk(self, by_mm: float) -> Cylinder:
        """Move the surface inwards."""
        radii = np.maximum(self.radii - by_mm, 1e-6)
        return replace(self, radii=radii, height=max(self.height - 2 * by_mm, 0.0))


@dataclass(frozen=True, eq=False)
class RoundedBox:
    """A box whose edges are rounded with a radius."""

    centre: Floats
    size: Floats
    rounding: float

    def bounds(self) -> Bounds:
        """Give the box."""
        return self.centre - self.size / 2, self.centre + self.size / 2

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        radius = min(self.rounding, float(self.size.min()) / 2)
        far = [
            np.maximum(np.abs(p - c) - (s / 2 - radius), 0.0)
            for p, c, s in zip((x, y, z), self.centre, self.size, strict=True)
        ]
        return np.asarray(far[0] ** 2 + far[1] ** 2 + far[2] ** 2 <= radius**2)

    def shrunk(self, by_mm: float) -> RoundedBox:
        """Move the surface inwards."""
        size = np.maximum(self.size - 2 * by_mm, 1e-6)
        return replace(self, size=size, rounding=max(self.rounding - by_mm, 0.0))


@dataclass(frozen=True, eq=False)
class Segment:
    """A straight piece of tube between two points, with round ends and a radius at each."""

    start: Floats
    end: Floats
    start_radius: float
    end_radius: float

    def bounds(self) -> Bounds:
        """Give the box."""
        low = np.minimum(self.start - self.start_radius, self.end - self.end_radius)
        high = np.maximum(self.start + self.start_radius, self.end + self.end_radius)
        return low, high

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        (ax, ay, az), (dx, dy, dz) = self.start, self.end - self.start
        length2 = max(dx * dx + dy * dy + dz * dz, 1e-12)
        px, py, pz = x - ax, y - ay, z - az
        along = np.clip((px * dx + py * dy + pz * dz) / length2, 0.0, 1.0)
        radius = self.start_radius + along * (self.end_radius - self.start_radius)
        far = (px - along * dx) ** 2 + (py - along * dy) ** 2 + (pz - along * dz) ** 2
        return np.asarray(far <= radius * radius)

    def shrunk(self, by_mm: float) -> Segment:
        """Move the surface inwards."""
        start, end = self.start_radius - by_mm, self.end_radius - by_mm
        return replace(self, start_radius=max(start, 1e-6), end_radius=max(end, 1e-6))


@dataclass(frozen=True, eq=False)
class Stack:
    """Elliptic cross-sections along z, given at closely spaced heights.

    Parameters
    ----------
    z, cx, cy, rx, ry : arrays of one length
        Height, centre and radii in mm; z ascends.
    power : float
        2 gives ellipses, more gives rounder rectangles.
    """

    z: Floats
    cx: Floats
    cy: Floats
    rx: Floats
    ry: Floats
    power: float

    def bounds(self) -> Bounds:
        """Give the box."""
        low = [(self.cx - self.rx).min(), (self.cy - self.ry).min(), self.z[0]]
        high = [(self.cx + self.rx).max(), (self.cy + self.ry).max(), self.z[-1]]
        return np.array(low), np.array(high)

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        cx, cy, rx, ry = (np.interp(z, self.z, v) for v in (self.cx, self.cy, self.rx, self.ry))
        across = _power(np.abs(x - cx) / rx, self.power)
        deep = _power(np.abs(y - cy) / ry, self.power)
        # Points above and below are outside whatever the interpolation says.
        limit = np.where((z >= self.z[0]) & (z <= self.z[-1]), 1.0, -1.0)
        return np.asarray(deep <= limit - across)

    def shrunk(self, by_mm: float) -> Stack:
        """Move the surface inwards, at both ends too."""
        low, high = self.z[0] + by_mm, self.z[-1] - by_mm
        z = np.clip(self.z, low, high) if by_mm >= 0 else self.z.copy()
        if by_mm < 0:
            z[0], z[-1] = low, high
        rx, ry = np.maximum(self.rx - by_mm, 1e-6), np.maximum(self.ry - by_mm, 1e-6)
        return replace(self, z=z, rx=rx, ry=ry)

    def between(self, low_mm: float, high_mm: float) -> Stack:
        """Keep the part between two heights."""
        inner = self.z[(self.z > low_mm) & (self.z < high_mm)]
        z = np.concatenate([[low_mm], inner, [high_mm]])
        cx, cy, rx, ry = (np.interp(z, self.z, v) for v in (self.cx, self.cy, self.rx, self.ry))
        return Stack(z, cx, cy, rx, ry, self.power)

    def point(self, angle_deg: float, z_mm: float) -> Floats:
        """Give a point of the surface; 0 deg points along +x and 90 deg along +y."""
        cx, cy, rx, ry = (
            float(np.interp(z_mm, self.z, v)) for v in (self.cx, self.cy, self.rx, self.ry)
        )
        cos, sin = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
        reach = (np.abs(cos) ** self.power + np.abs(sin) ** self.power) ** (-1 / self.power)
        return np.array([cx + rx * reach * cos, cy + ry * reach * sin, z_mm])


@dataclass(frozen=True, eq=False)
class Placed:
    """A solid moved by an affine map: point = matrix @ (own point) + offset."""

    solid: Solid
    matrix: Floats
    offset: Floats

    def bounds(self) -> Bounds:
        """Give the box around the moved box."""
        low, high = self.solid.bounds()
        centre = self.matrix @ ((low + high) / 2) + self.offset
        half = np.abs(self.matrix) @ ((high - low) / 2)
        return centre - half, centre + half

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        p = [v - o for v, o in zip((x, y, z), self.offset, strict=True)]
        diagonal = np.diag(self.matrix)
        if np.array_equal(np.diag(diagonal), self.matrix):
            return self.solid.inside(p[0] / diagonal[0], p[1] / diagonal[1], p[2] / diagonal[2])
        back = np.linalg.inv(self.matrix)
        own = [row[0] * p[0] + row[1] * p[1] + row[2] * p[2] for row in back]
        return self.solid.inside(own[0], own[1], own[2])

    def shrunk(self, by_mm: float) -> Placed:
        """Move the surface inwards, measured before the move."""
        return replace(self, solid=self.solid.shrunk(by_mm))


@dataclass(frozen=True, eq=False)
class Cut:
    """A half-space: kept is where normal . (point - through) >= 0."""

    through: Floats
    normal: Floats

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points are kept."""
        (tx, ty, tz), (nx, ny, nz) = self.through, self.normal
        return np.asarray((x - tx) * nx + (y - ty) * ny >= -(z - tz) * nz)


@dataclass(frozen=True, eq=False)
class Clipped:
    """A solid without what lies outside of others, inside of others, or behind a cut.

    Parameters
    ----------
    solid : Solid
        What is clipped.
    within : tuple of tuple of Solid
        For each group, a point must lie in one of the group.
    without : tuple of Solid
        A point must lie in none of them.
    cuts : tuple of Cut
        A point must be kept by each.
    """

    solid: Solid
    within: tuple[tuple[Solid, ...], ...] = ()
    without: tuple[Solid, ...] = ()
    cuts: tuple[Cut, ...] = ()

    def bounds(self) -> Bounds:
        """Give the box."""
        low, high = self.solid.bounds()
        for group in self.within:
            boxes = [solid.bounds() for solid in group]
            low = np.maximum(low, np.min([box[0] for box in boxes], axis=0))
            high = np.minimum(high, np.max([box[1] for box in boxes], axis=0))
        return low, high

    def inside(self, x: Floats, y: Floats, z: Floats) -> Mask:
        """Tell which points lie inside."""
        mask = self.solid.inside(x, y, z)
        for group in self.within:
            found = group[0].inside(x, y, z)
            for solid in group[1:]:
                found = found | solid.inside(x, y, z)
            mask = mask & found
        for solid in self.without:
            mask = mask & ~solid.inside(x, y, z)
        for cut in self.cuts:
            mask = mask & cut.inside(x, y, z)
        return mask

    def shrunk(self, by_mm: float) -> Clipped:
        """Move the solid's own surface inwards; the clipping stays."""
        return replace(self, solid=self.solid.shrunk(by_mm))


def rotation(turn_deg: Floats) -> Floats:
    """Give the matrix that turns about x, then y, then z, by angles in degrees."""
    matrix = np.eye(3)
    for axis, angle in enumerate(np.deg2rad(turn_deg)):
        cos, sin = np.cos(angle), np.sin(angle)
        one = np.eye(3)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        one[i, i], one[i, j], one[j, i], one[j, j] = cos, -sin, sin, cos
        matrix = one @ matrix
    return matrix


def turned(solid: Solid, centre: Floats, turn_deg: Floats) -> Solid:
    """Turn a solid about a point; unchanged where the angles are zero."""
    if not np.any(turn_deg):
        return solid
    matrix = rotation(turn_deg)
    return Placed(solid, matrix, centre - matrix @ centre)


def mirrored(solid: Solid) -> Solid:
    """Reflect a solid in the plane x = 0."""
    return Placed(solid, np.diag([-1.0, 1.0, 1.0]), np.zeros(3))


def _power(values: Floats, power: float) -> Floats:
    return values * values if power == 2.0 else np.asarray(values**power)
