"""Serves cases of a run to a test, as `vesalius view` does to a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vesalius.adapters.report.record import read_record
from vesalius.adapters.view.run_scene import case_of, scene_of_run
from vesalius.adapters.view.scene import Scene
from vesalius.adapters.view.server import SceneServer


def scene_of(out: Path, name: str | None = None) -> Scene:
    record = read_record(out)
    return scene_of_run(record, case_of(record, name))


@contextmanager
def serving(table) -> Iterator[SceneServer]:
    """Serve a table until the block ends."""
    with SceneServer(table) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
