"""A small cohort, how it is run in a child process, and what must be true of its folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np

from soak.waiting import wait
from vesalius.adapters.cli.outcome import Ended
from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cli.termination import Terminated, ended_by_exception
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.merge_shards import merge_shards
from vesalius.adapters.cohort.shard import Shard
from vesalius.adapters.cohort.worker_processes import run_on_processes
from vesalius.adapters.files.held_signals import HELD
from vesalius.ontology.reading.diagnostics import DiagnosticError

COHORT = (
    "schema: cohort/1\ncohort: soak\npredictions: {amos22: 'preds/{case}.nii.gz'}\n"
    "target: amos22\nrules: none\noutput: '{case}/'\ncases: {from: amos22}\n"
)
REFUSED, BROKEN, INTERRUPTED = 2, 5, 130


class Study:
    """Files of a cohort in a folder, with a TMPDIR of its own.

    Parameters
    ----------
    root : Path
        An empty folder.
    cases : int
        How many.
    shards : int
        The cohort is run in so many shards, one after the other, and these are merged; 0 for one
        run of all.
    """

    def __init__(self, root: Path, cases: int = 4, shards: int = 0) -> None:
        self.root = root
        self.shards = shards
        self.scratch = root / "tmp"
        self.scratch.mkdir()
        self._seconds: dict[int, float] = {}
        for number in range(cases):
            save(root / "preds" / f"c{number}.nii.gz", number)
        (root / "cohort.yaml").write_text(COHORT)

    def start(self, output: str, before: Callable[[], None], workers: int = 0) -> int:
        """Run the cohort in a child; give its process.

        Parameters
        ----------
        output : str
            The output folder.
        before : callable
            Called in the child first.
        workers : int
            Worker processes; 0 for all in the child itself.
        """
        # No signal may come before the child hears it as a run does, or after: what it would raise
        # there would go on in the child with what its parent was about.
        kept = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        child = os.fork()
        if child:
            signal.pthread_sigmask(signal.SIG_SETMASK, kept)
            return child
        code = BROKEN
        with contextlib.suppress(BaseException):
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nothing, stream)
            sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
            os.setpgid(0, 0)
            os.chdir(self.root)
            os.environ["TMPDIR"] = tempfile.tempdir = str(self.scratch)
            before()
            code = self._run(output, workers)
        os._exit(code)

    def _run(self, output: str, workers: int) -> int:
        executor = (
            run_on_processes
            if workers
            else lambda job, tasks, _: (do_case(job, task) for task in tasks)
        )
        numbers = range(1, self.shards + 1)
        try:
            with ended_by_exception():
                signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
                for shard in [Shard(number, self.shards) for number in numbers] or [None]:
                    options = CohortOptions(
                        Path(output), max(workers, 1), False, False, False, False, "never", shard
                    )
                    run_cohort(Path("cohort.yaml"), options, executor)
                if self.shards:
                    merge_shards(Path(output))
                signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        except Ended as ended:
            return ended.code
        except DiagnosticError:
            return REFUSED
        except Terminated as told:
            return told.code
        except KeyboardInterrupt:
            return INTERRUPTED
        return 0

    def seconds_with(self, workers: int) -> float:
        """Give how long a run takes here that is left alone; measured once."""
        if workers not in self._seconds:
            begin = time.monotonic()
            wait(self.start("alone", lambda: None, workers))
            self._seconds[workers] = time.monotonic() - begin
            shutil.rmtree(self.root / "alone")
        return self._seconds[workers]

    def digests(self, output: str) -> dict[str, str]:
        """Give the sha256 of every file of an output folder."""
        return {
            str(path.relative_to(self.root / output)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((self.root / output).rglob("*"))
            if path.is_file()
        }

    def partial(self, output: str) -> list[str]:
        """Name cases whose files are not all there, or not of one run; and what is in TMPDIR."""
        found = [str(path) for path in self.scratch.iterdir()]
        reports = (self.root / output).glob("*/report.json")
        alone = [str(r) for r in reports if not (r.parent / "labels.nii.gz").is_file()]
        return [*found, *alone]


def save(path: Path, seed: int) -> None:
    """Write a prediction."""
    path.parent.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 14, (24, 24, 24)).astype(np.uint8)
    part = path.with_name(f"new-{path.name}")
    nib.save(nib.Nifti1Image(array, np.eye(4)), part)
    os.replace(part, path)
