"""Finding a value that was made of YAML before, and keeping one that is made now."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from vesalius.adapters.keeping.cache_folder import CacheFolder, cache_folder
from vesalius.adapters.keeping.coding import decode_value, encode_value
from vesalius.adapters.keeping.program import here, is_shipped, named, program
from vesalius.ontology.pack_files import HEAD
from vesalius.ontology.reading.files_read import digest_of, files_read
from vesalius.ontology.reading.side_files import YAML_BYTES, read_side_file

if TYPE_CHECKING:
    from vesalius.ontology.project import Project

T = TypeVar("T")
FORMAT: Final = 1
"""Of what is kept; another one is another key."""


def key_of(what: str, refs: Sequence[str | Path] = (), project: Project | None = None) -> str:
    """Give the sha256 of all that decides what a value is, but for YAML files by path.

    Parameters
    ----------
    what : str
        The kind of value.
    refs : sequence of str or Path
        What it is made of: names of what is shipped, or paths.
    project : Project or None
        A user's own folder.
    """
    if cache_folder() is None:
        # Nobody asks for it: to make it, all that is shipped is looked at.
        return ""
    data = {
        "format": FORMAT,
        "what": what,
        "program": list(program()),
        "here": here(refs, project),
        "refs": [named(ref) for ref in refs],
        "project": project and [str(project.path), project.digest],
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def found_or_made(
    key: str,
    kind: type[T],
    make: Callable[[], T],
    folder: CacheFolder | None,
    project: Project | None = None,
) -> tuple[T, bool]:
    """Give the value of a key; else make and keep it.

    Parameters
    ----------
    key : str
        Of all that decides what is made, but for YAML files by path: those are looked at by what
        is kept, for which they are is known after they were read.
    kind : type
        What it must be; one of the classes that `coding` knows.
    make : callable
        Makes it.
    folder : CacheFolder or None
        Where it is kept; None for nowhere.
    project : Project or None
        A user's own folder, whose digest is in the key.

    Returns
    -------
    value
    found : bool
        Whether it was kept.
    """
    if folder is None:
        return make(), False
    found = _found(folder.read(key), kind)
    if found is not None:
        return found, True
    with files_read() as read:
        made = make()
    known = set() if project is None else {str(path) for path in project.files}
    # What the key tells of already is not looked at twice.
    files = {p: digest for p, digest in read.items() if p not in known and not is_shipped(p)}
    head = json.dumps({"files": files, "folders": _folders(files)})
    folder.write(key, f"{head}\n{encode_value(made)}")
    return made, False


def is_kept(key: str, folder: CacheFolder | None) -> bool:
    """Tell whether the value of a key was made before, so that it can be made."""
    text = None if folder is None else folder.read(key)
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


def _found(text: str | None, kind: type[T]) -> T | None:
    """Read what is kept, where the files that it was made of are as they were."""
    if text is None:
        return None
    head, _, body = text.partition("\n")
    try:
        value = decode_value(body) if _unchanged(head) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return value if isinstance(value, kind) else None


def _folders(files: Mapping[str, str]) -> dict[str, list[str]]:
    """List what lies in the folders of rule packs: a file more or less is another pack."""
    listed: dict[str, list[str]] = {}
    for path in files:
        folder, name = os.path.split(path)
        if name == HEAD:
            with suppress(OSError):
                listed[folder] = sorted(each.name for each in Path(folder).glob("*.yaml"))
    return listed
