"""The built-in procedural whole-body phantom: anatomy in YAML, a known answer in voxels."""

from __future__ import annotations

from vesalius.adapters.phantom.describe import Description, load_description
from vesalius.adapters.phantom.phantom import Phantom, make_phantom, truth_labels

__all__ = ["Description", "Phantom", "load_description", "make_phantom", "truth_labels"]
