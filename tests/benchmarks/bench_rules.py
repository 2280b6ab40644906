"""Where the time of the rules goes: CPU seconds of each kind of step and of the dearest rules.

    python tests/benchmarks/bench_rules.py FILE.nii.gz [--scheme dap_atlas] [--rules recommended]
        [--lint] [--top 25] [--functions 40]

Runs a case in this process, as `vesalius run` or `vesalius lint` does, and times every attempt at a
step. A measure is made for the first step that asks for it, so what a rule costs depends on those
before it. --functions profiles instead, and prints so many functions. It judges nothing.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from vesalius import Session, lint
from vesalius.engine import known_attempts, run_steps


def kind_of(step):
    """Name what a step does."""
    return type(step.expect if step.derive is None else step.derive).__name__


def timing(attempt_step, found):
    """Return an attempt that notes its CPU seconds by step."""

    def timed(step, *arguments, **options):
        begin = time.process_time()
        attempt = attempt_step(step, *arguments, **options)
        found[step].append(time.process_time() - begin)
        return attempt

    return timed


def table(title, seconds, attempts, top):
    """Print the dearest rows."""
    print(f"\n{title:<50} CPU s  attempts")
    for name in sorted(seconds, key=seconds.__getitem__, reverse=True)[:top]:
        print(f"{name:<50} {seconds[name]:5.3f}  {attempts[name]}")


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--scheme", default="dap_atlas")
    parser.add_argument("--rules", default="recommended")
    parser.add_argument("--lint", action="store_true")
    parser.add_argument("--top", type=int, default=25)
    parser.add_argument("--functions", type=int, default=0)
    options = parser.parse_args()

    def work(folder):
        if options.lint:
            lint(options.file, scheme=options.scheme, rules=options.rules)
            return
        session = Session([options.scheme], "dap_atlas", rules=options.rules)
        session.merge({options.scheme: options.file}).save_folder(Path(folder) / "out")

    found = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        if options.functions:
            profile = cProfile.Profile(time.process_time)
            profile.runcall(work, folder)
            pstats.Stats(profile).sort_stats("tottime").print_stats(options.functions)
            return
        for module in (run_steps, known_attempts):
            module.attempt_step = timing(module.attempt_step, found)
        begin = time.process_time()
        work(folder)
        print(f"all {time.process_time() - begin:.3f} s, "
              f"steps {sum(map(sum, found.values())):.3f} s")  # fmt: skip
    for title, name in (("kind", kind_of), ("rule", lambda step: step.rule)):
        seconds, attempts = defaultdict(float), defaultdict(int)
        for step, times in found.items():
            seconds[name(step)] += sum(times)
            attempts[name(step)] += len(times)
        table(title, seconds, attempts, options.top)


if __name__ == "__main__":
    main()
