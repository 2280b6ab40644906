"""What a cohort wrote, mutated: whatever reads it refuses it, and running again makes it whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from fuzz.cohort_seeds import Cohort, run_once
from fuzz.mutating import mutate_bytes, mutate_text
from fuzz.target import READ, SilentChangeError, Target
from vesalius.adapters.cohort.merge_shards import merge_shards
from vesalius.adapters.cohort.shard_record import shard_records
from vesalius.adapters.cohort.shard_status import shard_statuses
from vesalius.adapters.measures.sampling import written_cases
from vesalius.adapters.report.record import read_record
from vesalius.ontology.reading.diagnostics import DiagnosticError

OUTPUTS = "cohort-outputs"


def cohort_targets(folder: Path) -> list[Target]:
    """Run a small cohort below a folder; give a target for every kind of file that it writes."""
    cohort = run_once(folder / OUTPUTS)
    texts = {
        "whole/cohort.json": _read_whole,
        "whole/cohort.csv": None,
        "whole/a/report.json": _read_whole,
        "parts/shards/1-of-2.jsonl": _read_parts,
        "parts/shards/2-of-2.jsonl": _read_parts,
        "parts/cohort.json": None,
    }
    found = [
        Target(
            f"{OUTPUTS}/{name}",
            (cohort.good[name],),
            mutate_text if number % 2 else mutate_bytes,
            _mended(cohort, name, read),
        )
        for number, (name, read) in enumerate(texts.items())
    ]
    name = "whole/b/labels.nii.gz"
    read = _mended(cohort, name, None)
    return [*found, Target(f"{OUTPUTS}/{name}", (cohort.good[name],), mutate_bytes, read)]


def _mended(
    cohort: Cohort, name: str, read: Callable[[Cohort], None] | None
) -> Callable[[Path], str]:
    """Read a mutated file, then run the cohort again: it must be what it was, to the byte."""

    def attempt(path: Path) -> str:
        refused: DiagnosticError | None = None
        changed = path.read_bytes() != cohort.good[name]
        try:
            if read is not None:
                read(cohort)
                if changed and _matters(name, path, cohort):
                    raise SilentChangeError(f"{name} is believed that was changed")
        except DiagnosticError as error:
            refused = error
        finally:
            output = name.partition("/")[0]
            cohort.again(output)
            odd = cohort.odd(output)
        if odd:
            raise SilentChangeError(f"another run does not make it whole: {odd}")
        if refused is not None:
            raise refused
        return READ

    return attempt


def _matters(name: str, path: Path, cohort: Cohort) -> bool:
    """Tell whether a changed file says something else; white space in JSON does not."""
    if name.endswith(".jsonl"):
        return (path.parents[1] / "cohort.json").read_bytes() != cohort.good["parts/cohort.json"]
    return b"".join(path.read_bytes().split()) != b"".join(cohort.good[name].split())


def _read_whole(cohort: Cohort) -> None:
    record = read_record(cohort.root / "whole")
    if record.problems:
        raise DiagnosticError(record.problems)
    written_cases(cohort.root / "whole")


def _read_parts(cohort: Cohort) -> None:
    output = cohort.root / "parts"
    shard_statuses(shard_records(output), time.time())
    merge_shards(output)
