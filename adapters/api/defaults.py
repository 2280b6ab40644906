"""What is taken where a user does not say."""

from __future__ import annotations

DEFAULT_TARGET = "dap_atlas"
"""Scheme of results."""
DEFAULT_PACK = "recommended"
"""Rules that are run."""
