"""Finding a plan that was compiled before, and keeping one that is compiled now."""

from __future__ import annotations

from collections.abc import Callable

from vesalius.adapters.keeping.cache_folder import CacheFolder
from vesalius.adapters.keeping.remembered import found_or_made
from vesalius.adapters.prepared.asked import Asked
from vesalius.adapters.prepared.kept import Kept
from vesalius.engine.plan.check import believe_valid


def kept_or_made(asked: Asked, make: Callable[[], Kept], folder: CacheFolder | None) -> Kept:
    """Give what is kept for a choice of schemes and rules; else make and keep it.

    Parameters
    ----------
    asked : Asked
        The choice.
    make : callable
        Compiles it.
    folder : CacheFolder or None
        Where it is kept; None for nowhere.
    """
    # Without a folder nobody asks for the key: to make it, all that is shipped is looked at.
    key = "" if folder is None else asked.key()
    kept, found = found_or_made(key, Kept, make, folder, asked.project)
    if found:
        believe_valid(kept.prepared.plan)
    return kept
