"""What the server gives of a scene: the page, its script, the viewer, and the volumes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

from vesalius.adapters.view.scene import Making, Scene
from vesalius.adapters.view.server import TEXT, Content, Table, content_of

_HERE = Path(__file__).parent
_FILES = {
    "": ("page/index.html", "text/html; charset=utf-8"),
    "view.js": ("page/view.js", "text/javascript; charset=utf-8"),
    "view.css": ("page/view.css", "text/css; charset=utf-8"),
    "niivue.js": ("vendored/niivue.umd.js", "text/javascript; charset=utf-8"),
    "LICENSES.txt": ("vendored/LICENSES.txt", TEXT),
}
_VOLUME = "application/octet-stream"


def table_of(scene: Scene) -> Table:
    """Give what each name of the server stands for.

    Parameters
    ----------
    scene : Scene
        What is shown.
    """
    about = json.dumps(scene.document()).encode()
    table: dict[str, Callable[[], Content]] = {
        "scene.json": partial(content_of, "application/json", about)
    }
    for name, (file, kind) in _FILES.items():
        table[name] = partial(content_of, kind, (_HERE / file).read_bytes())
    for name, making in scene.volumes.items():
        table[name] = partial(_volume, making)
    return table


def _volume(making: Making) -> Content:
    volume = making()
    if isinstance(volume, str):
        return content_of(TEXT, volume.encode(), HTTPStatus.NOT_FOUND)
    return Content(_VOLUME, volume.n_bytes, volume.blocks)
