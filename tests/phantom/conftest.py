"""Phantoms that several tests look at, made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from vesalius.adapters.phantom import Phantom, load_description, make_phantom
from vesalius.ontology.load import load_ontology, load_scheme

MINI_BODY = """\
schema: phantom/1
title: Mini
field_of_view_mm: {x: [-40, 40], y: [-30, 30], z: [-50, 50]}
sexes:
  male: {scale: [1, 1, 1]}
  female: {scale: [0.9, 0.9, 0.9]}
variation: [0.05, 0.05, 0.05]
air: {hu: -1000, noise_hu: 5}
bands_mm: {abdomen: [-20, 60], pelvis: [-60, 0]}
outlines:
  trunk: {power: 2.4, rows: [[-45, 0, 0, 20, 20], [0, 0, 2, 36, 26], [45, 0, 0, 30, 20]]}
tidy: {fragmented: [fat, skeletal_muscle], into: [fat]}
layers: [mini_layer.yaml]
"""
MINI_LAYER = """\
schema: phantom_layer/1
defaults: {hu: 40, noise_hu: 10}
entries:
  - {paint: fat, hu: -100, shapes: [{outline: {name: trunk}}]}
  - paint: skeletal_muscle
    shapes:
      - {outline: {name: trunk, z: [-30, 30]}, shrink: 4, hollow: 5}
  - paint: kidney_right
    mirror: true
    vary: {shift: 2, scale: 0.1}
    shapes: [{ellipsoid: {at: [16, -6, 8], radii: [8, 6, 14], turn: [10, 20, 30]}}]
  - paint: liver
    shapes:
      - box: {at: [10, 8, 28], size: [30, 16, 14], round: 3}
        cut: [{through: [0, 0, 22], normal: [1, 0, 1]}]
  - paint: aorta
    shapes: [{tube: {path: [[-3, 0, 40], [-6, 2, 0], [-3, 4, -40]], radius: [4, 3, 4]}}]
  - paint: urinary_bladder
    sex: male
    over: [fat]
    shapes: [{cylinder: {at: [0, 6, -30], radii: [9, 7], height: 12}}]
  - paint: uterus
    sex: female
    shapes:
      - ellipsoid: {at: [0, 0, -30], radii: [9, 7, 6]}
        outside: [{ellipsoid: {at: [0, 0, -36], radii: [5, 5, 5]}}]
"""


@pytest.fixture(scope="session")
def ontology():
    return load_ontology()


@pytest.fixture(scope="session")
def dap(ontology):
    return load_scheme("dap_atlas", ontology)


@pytest.fixture(scope="session")
def description():
    return load_description()


@pytest.fixture(scope="session", params=["male", "female"])
def phantom(request, description) -> Phantom:
    """The whole body at 3 mm."""
    return make_phantom(description, sex=request.param)


@pytest.fixture(scope="session")
def points_mm(phantom):
    """Give the voxel centres of a structure of `phantom` in mm, shape (n, 3)."""
    boxes = ndimage.find_objects(phantom.truth)
    found = {}
    for number, (name, box) in enumerate(zip(phantom.structures, boxes, strict=True), start=1):
        first = [s.start for s in box]
        found[name] = phantom.grid.to_mm(np.argwhere(phantom.truth[box] == number) + first)
    return found.__getitem__


@pytest.fixture(scope="session")
def small(description) -> Phantom:
    """The whole body at 5 mm, for tests of what is made of it."""
    return make_phantom(description, (5.0, 5.0, 5.0), sex="female", seed=1)


@pytest.fixture
def write_mini(tmp_path):
    """Write the small description, with texts replaced; give the path of its body file."""

    def write(*changes: tuple[str, str]) -> Path:
        body, layer = MINI_BODY, MINI_LAYER
        for old, new in changes:
            assert old in body + layer
            body, layer = body.replace(old, new), layer.replace(old, new)
        (tmp_path / "mini_layer.yaml").write_text(layer)
        path = tmp_path / "mini.yaml"
        path.write_text(body)
        return path

    return write


@pytest.fixture
def mini(write_mini):
    return load_description(write_mini())
