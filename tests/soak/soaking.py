"""One fault many times on one cohort, and what is true after each."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from soak.faults import Fault
from soak.study import BROKEN, Study
from soak.waiting import wait
from vesalius.ontology.load import load_ontology

SHARDS = 2
ROUND = 5
"""Faults before a run is left alone and the result is compared."""


@dataclass
class Soaked:
    """What came of one fault."""

    name: str
    tries: int = 0
    lost: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)


def soak(name: str, fault: Fault, folder: Path, tries: int, rng: random.Random) -> Soaked:
    """Do something to a cohort again and again.

    Parameters
    ----------
    name : str
        Of the fault.
    fault : callable
        What is done; see :mod:`soak.faults`.
    folder : Path
        An empty folder.
    tries : int
        How often.
    rng : random.Random
        Decides moments.
    """
    load_ontology()  # once here, not in every child
    study, tally = Study(folder, shards=SHARDS if "shards" in name else 0), Soaked(name)
    begin = time.monotonic()
    if wait(study.start("good", lambda: None)) != "0":
        raise RuntimeError("the cohort does not run")
    usual_s = time.monotonic() - begin
    good = study.digests("good")
    while tally.tries < tries:
        for _ in range(min(ROUND, tries - tally.tries)):
            tally.tries += 1
            ended = fault(study, "out", rng, 1.2 * usual_s)
            where = f"{name} {tally.tries}"
            if ended == "hung":
                tally.hung.append(where)
            elif ended == str(BROKEN) or ended.startswith("ends"):
                tally.lost.append(f"{where}: a run that ended with {ended}")
            tally.partial += [f"{where}: {what}" for what in study.partial("out")]
        ended = wait(study.start("out", lambda: None))
        if ended == "hung":
            tally.hung.append(f"{name} {tally.tries}: the run after it")
        left = study.digests("out") if (folder / "out").is_dir() else {}
        odd = {file for file in {*left, *good} if left.get(file) != good.get(file)}
        if odd and ended != "hung":
            extra = [file for file in odd if ".vesalius" in file]
            kind = tally.partial if len(extra) == len(odd) else tally.lost
            kind.append(f"{name} {tally.tries}: {sorted(odd)[:4]} (ended {ended})")
        if rng.random() < 0.5:
            shutil.rmtree(folder / "out", ignore_errors=True)
    return tally
