"""Try many inputs on a target, and count what came of them."""

from __future__ import annotations

import random
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.target import PartialError, SilentChangeError, Target, attempt

LEAST_S = 20.0
"""CPU seconds that any input may take; the program's own data are loaded in them too."""
PER_MB_S = 60.0


@dataclass
class Tally:
    """What came of the inputs of one target.

    Parameters
    ----------
    name : str
        The target.
    """

    name: str
    tries: int = 0
    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    lost: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.silent, *self.partial, *self.slow]


def try_target(target: Target, folder: Path, tries: int, seed: int, kept: Path | None) -> Tally:
    """Try mutated inputs.

    Parameters
    ----------
    target : Target
        What reads them.
    folder : Path
        Where they are written, one after the other.
    tries : int
        How many.
    seed : int
        The same seed gives the same inputs.
    kept : Path or None
        Folder for inputs that something was wrong with.
    """
    tally = Tally(target.name)
    path = folder / target.name
    path.parent.mkdir(parents=True, exist_ok=True)
    for number in range(tries):
        rng = random.Random(f"{seed} {target.name} {number}")
        data = target.mutate(rng, rng.choice(target.seeds))
        path.write_bytes(data)
        begin = time.process_time()
        faults = len(tally.faults)
        _count(target, path, number, tally)
        spent = time.process_time() - begin
        tally.slowest_s = max(tally.slowest_s, spent)
        if spent > LEAST_S + PER_MB_S * len(data) / 1e6:
            tally.slow.append(f"{target.name} {number}: {spent:.1f} s for {len(data):,} bytes")
        if kept is not None and len(tally.faults) > faults:
            kept.mkdir(parents=True, exist_ok=True)
            (kept / f"{number}-{path.name}").write_bytes(data)
    return tally


def _count(target: Target, path: Path, number: int, tally: Tally) -> None:
    tally.tries += 1
    where = f"{target.name} {number}"
    try:
        word = attempt(target, path)
    except SilentChangeError as error:
        tally.silent.append(f"{where}: {error}")
    except PartialError as error:
        tally.partial.append(f"{where}: {error}")
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        tally.lost.append(
            f"{where}: {type(error).__name__}: {str(error)[:200]} ({last.filename}:{last.lineno})"
        )
    else:
        setattr(tally, word, getattr(tally, word) + 1)
    # Other targets may stand on it.
    path.write_bytes(target.seeds[0])
