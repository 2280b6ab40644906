"""Where the files that are shipped lie."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType


def packaged_root() -> Path:
    """Give the folder of the shipped ontology."""
    return Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def packaged_scheme_paths() -> Mapping[str, Path]:
    """Give the shipped scheme files by scheme name."""
    paths = sorted((packaged_root() / "schemes").glob("*.yaml"))
    return MappingProxyType({path.stem: path for path in paths})
