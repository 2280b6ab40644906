"""Which version of the program this is, without what reads package metadata in full."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import lru_cache

_NAME, _ENDING = "vesalius-", ".dist-info"


@lru_cache(maxsize=1)
def version() -> str:
    """Give the version as it is installed.

    It stands in the name of the folder that tells of the installation; what is installed in another
    way is asked of `importlib.metadata`, which takes longer to load than all the rest of a start.
    """
    for entry in sys.path:
        with suppress(OSError):
            for name in os.listdir(entry or os.curdir):
                if name.startswith(_NAME) and name.endswith(_ENDING):
                    return name[len(_NAME) : -len(_ENDING)]
    from importlib import metadata  # noqa: PLC0415

    return metadata.version("vesalius")


def tool_version() -> str:
    """Name the program and its version, as reports do."""
    return f"vesalius {version()}"
