"""The word in the place of a scheme for the one that fits clearly best."""

from __future__ import annotations

from typing import Final

AUTO: Final = "auto"
