"""``make fuzz-guided``: inputs that atheris (libFuzzer) leads into code that none has reached yet.

``PYTHONPATH=tests python -m fuzz.guided --only rules.yaml --runs 20000`` needs atheris, which not
every system has. It begins with the seeds of one target and ends at the first input that is lost,
read otherwise than it is, or leaves something behind; that input is kept as ``crash-*``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["vesalius"]):
    from fuzz.target import attempt
    from fuzz.targets import targets

LONGEST = 20_000
"""Bytes of an input."""


def main() -> None:
    """Fuzz one target."""
    parser = argparse.ArgumentParser(prog="fuzz.guided", description=__doc__)
    parser.add_argument("--only", default="rules.yaml", help="a part of the name of a target")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        found = [t for t in targets(Path(folder, "files")) if options.only in t.name]
        if not found:
            parser.error(f"no target is called `{options.only}`")
        target, corpus = found[0], Path(folder, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(target.seeds):
            (corpus / str(number)).write_bytes(seed)
        path = Path(folder, "files", target.name)
        path.parent.mkdir(parents=True, exist_ok=True)

        def try_one(data: bytes) -> None:
            path.write_bytes(data)
            attempt(target, path)

        limits = (f"-runs={options.runs}", f"-seed={options.seed}", f"-max_len={LONGEST}")
        atheris.Setup([sys.argv[0], *limits, str(corpus)], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
