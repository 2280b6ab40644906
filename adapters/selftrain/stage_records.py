"""What is known of finished stages: `stages/NAME/done.json`, written last and whole.

A record has the key of the stage (a digest of its parameters, its files and the outputs of the
stages before it) and the digest of every output. So a stage counts as done exactly where the
same inputs went in, whatever the dates of the files are.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.atomic import write_json
from vesalius.adapters.files.claims import alone
from vesalius.adapters.files.json_files import read_object
from vesalius.adapters.selftrain.digest_cache import DigestCache
from vesalius.adapters.selftrain.selftrain_diagnostics import stop
from vesalius.adapters.selftrain.stage import Json, Stage
from vesalius.ontology.reading.diagnostics import DiagnosticError

RECORD_SCHEMA = "selftrain-stage/1"
DONE, STARTED, LOCK = "done.json", "started.json", "lock"


@dataclass(frozen=True)
class Record:
    """A finished stage.

    Parameters
    ----------
    key : str
        Digest of everything that went in.
    outputs : mapping of str to str
        The sha256 of each output by its path, relative to the work folder.
    """

    key: str
    outputs: Mapping[str, str]


class StageRecords:
    """The records of a pipeline in its work folder.

    Parameters
    ----------
    work : Path
        The folder.
    """

    def __init__(self, work: Path) -> None:
        self.work = work
        self.digests = DigestCache(work / "digests.json")

    def folder(self, stage: str) -> Path:
        """Give the folder of a stage's records."""
        return self.work / "stages" / stage

    def record(self, stage: str) -> Record | None:
        """Read the record of a stage; None where there is none that can be read."""
        data = _read(self.folder(stage) / DONE)
        outputs = data.get("outputs")
        if data.get("schema") != RECORD_SCHEMA or not isinstance(outputs, dict):
            return None
        return Record(str(data.get("key")), outputs)

    def key(self, stage: Stage) -> str | None:
        """Give the key of a stage; None where a stage before it has no record.

        Raises
        ------
        DiagnosticError
            IO001, IO002 for a file from outside that cannot be read.
        """
        before: dict[str, Mapping[str, str]] = {}
        for name in stage.after:
            record = self.record(name)
            if record is None:
                return None
            before[name] = record.outputs
        inputs: Json = {
            "schema": RECORD_SCHEMA,
            "stage": stage.name,
            "parameters": dict(stage.parameters),
            "files": {role: self.digests.digest(path) for role, path in stage.files.items()},
            "after": before,
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()

    def has_key(self, stage: Stage) -> bool:
        """Tell whether a stage was finished with the inputs it has now."""
        record = self.record(stage.name)
        return record is not None and record.key == self.key(stage)

    def outputs_there(self, stage: Stage) -> bool:
        """Tell whether all outputs of a finished stage are there, untouched."""
        record = self.record(stage.name)
        if record is None:
            return False
        try:
            return all(
                self.digests.digest(self.work / path) == digest
                for path, digest in record.outputs.items()
            )
        except DiagnosticError:
            return False

    def was_started(self, stage: Stage) -> bool:
        """Tell whether a stage was begun, but not finished, with the inputs it has now."""
        started = _read(self.folder(stage.name) / STARTED)
        if not started or self.record(stage.name) is not None:
            return False
        return started.get("key") == self.key(stage)

    def start(self, stage: Stage, key: str) -> None:
        """Note that a stage begins; what other inputs left half done is set aside first."""
        folder = self.folder(stage.name)
        started = _read(folder / STARTED)
        with contextlib.suppress(FileNotFoundError):
            (folder / DONE).unlink()
        if started.get("key") != key:
            stage.set_aside()
        write_json(folder / STARTED, {"schema": RECORD_SCHEMA, "stage": stage.name, "key": key})

    def finish(self, stage: Stage, key: str, outputs: Iterable[Path]) -> None:
        """Note that a stage is done."""
        digests = {
            Path(os.path.relpath(path, self.work)).as_posix(): self.digests.digest(path)
            for path in sorted(outputs)
        }
        data = {"schema": RECORD_SCHEMA, "stage": stage.name, "key": key, "outputs": digests}
        write_json(self.folder(stage.name) / DONE, data)
        self.digests.save()

    @contextmanager
    def locked(self, stage: Stage) -> Iterator[None]:
        """Keep other runs away from a stage; a process that dies leaves no lock behind.

        Raises
        ------
        DiagnosticError
            STR009 where another process has the stage.
        """
        folder = self.folder(stage.name)
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / LOCK) as ours:
            if not ours:
                text = f"the stage `{stage.name}` is being run by another process"
                hint = f"wait for it, or end it; its folder is {folder}"
                raise stop("STR009", text, hint)
            yield


def _read(path: Path) -> Json:
    try:
        return read_object(path)
    except (OSError, ValueError):
        return {}
