"""What is asked for by name, and what is taken where nothing is said, without what measures."""

from __future__ import annotations

METHODS = ("majority", "staple")
"""Ways to a consensus."""
DEFAULT_TOLERANCE_MM = 3.0
"""Of the surface overlap; what TotalSegmentator's paper takes (Wasserthal et al. 2023)."""
