"""Finding what was compiled before, and keeping what is compiled now."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from vesalius.adapters.prepared.asked import Asked, is_shipped
from vesalius.adapters.prepared.cache_folder import CacheFolder
from vesalius.adapters.prepared.coding import decode_value, encode_value
from vesalius.adapters.prepared.kept import Kept
from vesalius.engine.plan.check import believe_valid
from vesalius.ontology.pack_files import HEAD
from vesalius.ontology.reading.files_read import digest_of, files_read
from vesalius.ontology.reading.side_files import YAML_BYTES, read_side_file


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
    if folder is None:
        return make()
    key = asked.key()
    found = _found(folder.read(key))
    if found is not None:
        return found
    with files_read() as read:
        made = make()
    known = set() if asked.project is None else {str(path) for path in asked.project.files}
    # What the key tells of already is not looked at twice.
    files = {p: digest for p, digest in read.items() if p not in known and not is_shipped(p)}
    head = json.dumps({"files": files, "folders": _folders(files)})
    folder.write(key, f"{head}\n{encode_value(made)}")
    return made


def is_kept(asked: Asked, folder: CacheFolder | None) -> bool:
    """Tell whether a choice of schemes and rules was compiled before, so that it can be."""
    text = None if folder is None else folder.read(asked.key())
    if text is None:
        return False
    try:
        return _unchanged(text.partition("\n")[0])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _unchanged(head: str) -> bool:
    """Tell whether the files that something was made of are as they were."""
    depends = json.loads(head)
    files = depends["files"]
    same = (digest_of(read_side_file(p, YAML_BYTES)) == digest for p, digest in files.items())
    return all(same) and _folders(files) == depends["folders"]


def _found(text: str | None) -> Kept | None:
    """Read what is kept, where the files that it was made of are as they were."""
    if text is None:
        return None
    head, _, body = text.partition("\n")
    try:
        if not _unchanged(head):
            return None
        value = decode_value(body)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not isinstance(value, Kept):
        return None
    believe_valid(value.prepared.plan)
    return value


def _folders(files: Mapping[str, str]) -> dict[str, list[str]]:
    """List what lies in the folders of rule packs: a file more or less is another pack."""
    listed: dict[str, list[str]] = {}
    for path in files:
        folder, name = os.path.split(path)
        if name == HEAD:
            with suppress(OSError):
                listed[folder] = sorted(each.name for each in Path(folder).glob("*.yaml"))
    return listed
