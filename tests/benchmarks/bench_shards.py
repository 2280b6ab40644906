"""A cohort in shards: some killed and gone on, merged, and held against one run of all cases.

    python tests/benchmarks/bench_shards.py [--cases 2000] [--shards 20] [--records 125000]

Runs tiny cases with the rules of `dap_atlas` once in one process and once in shards, two at a time;
every third shard is killed and started again. Tells whether all files and the merged record are
equal to the byte. Then makes the records of very many cases out of those of the few and measures
their merge and status. It judges nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench_start import tiny_cohort
from bench_whole import in_own_process, measured, vesalius

from vesalius.adapters.cases.report_file import is_whole, with_digest
from vesalius.adapters.cohort.shard import Shard, check_counts
from vesalius.adapters.cohort.shard_record import SHARDS, read_record, shard_records

AT_ONCE = 2
SHARDS_OF_MANY = 200


def begin(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    command = vesalius("--no-project", "run", folder / "cohort.yaml", "--fail-on", "never", *more)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, start_new_session=True, **quiet)


def lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def run_shards(folder: Path, shards: int) -> tuple[int, int]:
    """Run all shards, two at a time; count the killed ones and their cases that were done."""
    out, killed, kept = folder / "sharded", 0, 0
    todo = [(number, number % 3 == 0) for number in range(shards, 0, -1)]
    running: dict[int, tuple[subprocess.Popen[bytes], bool]] = {}
    while todo or running:
        while todo and len(running) < AT_ONCE:
            number, doomed = todo.pop()
            process = begin(folder, "-o", str(out), "--shard", f"{number}/{shards}")
            running[number] = process, doomed
        time.sleep(0.2)
        for number, (process, doomed) in list(running.items()):
            record = out / SHARDS / f"{Shard(number, shards).name}.jsonl"
            begun = lines_in(record) - 1  # a line for each case, then one for each that ended
            if process.poll() is not None:
                del running[number]
            elif doomed and begun > 1.3 * open_at_start(record):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                del running[number]
                killed, kept = killed + 1, kept + begun - open_at_start(record)
                todo.insert(0, (number, False))
    return killed, kept


def open_at_start(record: Path) -> float:
    """Count the cases of a shard; endless while its record is not there."""
    places = set()
    if read_record(record, lambda line: places.add(line.at)) is None:
        return float("inf")
    return len(places) or float("inf")


def files_below(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and SHARDS not in path.parts and not path.name.startswith(".")
    }


def many_rows(few: Path, cases: int) -> tuple[dict, list[dict]]:
    """Give the head of a record and a row for each of many cases, copies of those of few."""
    rows, heads = [], []
    for path in shard_records(few).values():
        found: dict[int, dict] = {}
        heads.append(read_record(path, lambda line, found=found: found.update({line.at: line.row})))
        rows += found.values()
    names = [f"m{at:06}" for at in range(cases)]
    olds = (rows[at % len(rows)] for at in range(cases))
    new = [
        json.loads(json.dumps(o).replace(o["case"], n)) for o, n in zip(olds, names, strict=True)
    ]
    head = {key: value for key, value in heads[0].head.items() if key not in ("sha256",)}
    head["found"], head["shards"] = cases, SHARDS_OF_MANY
    head["names"] = hashlib.sha256(json.dumps(names).encode()).hexdigest()
    return head, new


def write_records(few: Path, many: Path, cases: int) -> None:
    """Write the records of many cases."""
    head, rows = many_rows(few, cases)
    (many / SHARDS).mkdir(parents=True)
    files = []
    for number in range(1, SHARDS_OF_MANY + 1):
        path = many / SHARDS / f"{Shard(number, SHARDS_OF_MANY).name}.jsonl"
        files.append(path.open("w"))
        print(json.dumps(with_digest({**head, "shard": number})), file=files[-1])
    for at, row in enumerate(rows):
        print(json.dumps(with_digest({"at": at, "row": row})), file=files[at % SHARDS_OF_MANY])
    for file in files:
        file.close()


def as_expected(few: Path, many: Path, cases: int) -> bool:
    """Tell whether a merged record is what it should be, put together in another way."""
    head, rows = many_rows(few, cases)
    merged = json.loads((many / "cohort.json").read_text())
    same = all(merged[key] == value for key, value in head["run"].items())
    counts = {"written": cases, "excluded": 0, "failed": 0, "incomplete": 0, "open": 0}
    return same and merged["counts"] == counts and merged["cases"] == rows and is_whole(merged)


def told(name: str, command: list[str]) -> None:
    cpu, peak = measured(list(map(str, command)))
    print(f"{name:<44} cpu {cpu:7.2f} s  peak {peak:5.0f} MiB")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--shards", type=int, default=20)
    parser.add_argument("--records", type=int, default=125_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny_cohort(folder, options.cases)
        with (folder / "cohort.yaml").open("a") as file:
            file.write("rules: dap_atlas\n")
        for title, work in (
            ("one run of all", lambda: begin(folder, "-o", str(folder / "whole")).wait()),
            (f"{options.shards} shards, two at a time", lambda: run_shards(folder, options.shards)),
        ):
            wall, before = time.perf_counter(), os.times()
            found = work()
            after = os.times()
            cpu = sum(after[2:4]) - sum(before[2:4])
            print(
                f"{title:<44} cpu {cpu:7.1f} s  wall {time.perf_counter() - wall:.0f} s", flush=True
            )
        print(f"killed and gone on: {found[0]} shards, {found[1]} of their cases were done")
        out = folder / "sharded"
        check_counts(shard_records(out), out)
        told("merge of the shards", vesalius("cohort", "merge", out))
        one, other = files_below(folder / "whole"), files_below(out)
        apart = [path for path in {*one, *other} if one.get(path) != other.get(path)]
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        print(f"{len(one):,} files of one run, {len(other):,} of the shards, {len(apart)} differ, "
              f"{size / 2**20:.0f} MiB {sorted(apart)[:3]}", flush=True)  # fmt: skip
        if not options.records:
            return
        many = folder / "many"
        in_own_process(write_records, out, many, options.records)
        size = sum(path.stat().st_size for path in (many / SHARDS).iterdir())
        print(f"{options.records:,} cases in {SHARDS_OF_MANY} records: {size / 2**20:.0f} MiB")
        told("their status", vesalius("cohort", "status", many))
        told("their merge", vesalius("cohort", "merge", many))
        for file in ("cohort.json", "cohort.csv"):
            print(f"{file}: {(many / file).stat().st_size / 2**20:.0f} MiB")
        print(f"as expected: {as_expected(out, many, options.records)}")


if __name__ == "__main__":
    main()
