"""Shards of a cohort: which cases, side by side in one folder, one record of all."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes import PATIENCE_S, leftovers
from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import Ended, guard
from vesalius.adapters.cli.run_cohort import CohortOptions, run_cohort
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.merge_shards import merge_shards
from vesalius.adapters.cohort.run_cases import beside_shards
from vesalius.adapters.cohort.shard import Shard, parse_shard
from vesalius.adapters.files.claims import RUNNING, alone, together
from vesalius.ontology.reading.diagnostics import DiagnosticError

RECORDS = ("cohort.json", "cohort.csv")


def codes(call) -> list[str]:
    with pytest.raises(DiagnosticError) as failed:
        call()
    return [d.code for d in failed.value.diagnostics]


def lines(path: str) -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def all_shards(study, count: int, output: str = "out", **changes) -> None:
    for number in range(1, count + 1):
        study.run(output, shard=Shard(number, count), **changes)


@given(st.text(st.characters(codec="utf-8")), st.integers(1, 500))
def test_a_case_is_in_one_shard(case, count):
    assert sum(Shard(k, count).holds(case) for k in range(1, count + 1)) == 1


def test_shards_are_the_same_everywhere():
    """Written down: by sha256 (`printf case_1 | sha256sum`), whatever spelling the disk keeps."""
    held = {c: next(k for k in range(1, 201) if Shard(k, 200).holds(c)) for c in ("case_1", "a")}
    assert held == {"case_1": 55, "a": 51}
    assert [Shard(k, 9).holds("f\u00fc") for k in range(1, 10)] == [
        Shard(k, 9).holds("fu\u0308") for k in range(1, 10)
    ]
    sizes = Counter(k for n in range(2000) for k in range(1, 11) if Shard(k, 10).holds(f"c{n}"))
    assert sum(sizes.values()) == 2000
    assert all(150 < size < 250 for size in sizes.values())
    assert Shard(3, 200).name == "003-of-200"


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0", "3", "a/b", "1/2/3", "-1/3", "1 / 2"])
def test_what_is_no_shard(text, capsys):
    assert guard(cli, ["run", "cohort.yaml", "-o", "out", "--shard", text]) == 2
    assert f"{text}" in capsys.readouterr().err
    with pytest.raises(ValueError, match="shard"):
        parse_shard(text)


@pytest.mark.parametrize("output", ["{case}/", "{case}.nii.gz"])
def test_one_record_equal_to_that_of_one_run(study, digests, output, capsys):
    """Dropped, incomplete and failed cases included, with more shards than cases."""
    study.case("d", 4)
    study.case("e", 5)
    study.table(Path("cases.csv").read_text() + "d,M,20,S4,4.44444\ne,M,70,S5,5.55555\n")
    Path("preds/c.nii.gz").unlink()
    Path("preds/e.nii.gz").write_bytes(b"no image")
    study.cohort(
        "cases:", f'output: "{output}"\nselect: [{{metadata: {{age: {{at_least: 30}}}}}}]\ncases:'
    )
    with pytest.raises(Ended):
        study.run("one", keep_going=True)
    for number in (3, 1, 7, 2, 6, 4, 5):
        with suppress(Ended):
            study.run("out", shard=Shard(number, 7), keep_going=True)
    assert guard(cli, ["cohort", "merge", "out"]) == 4
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == (
        "7 shards, 4 cases: 2 written, 1 failed, 1 incomplete; out/cohort.json, cohort.csv"
    )
    ours = {k: v for k, v in digests("out").items() if not k.startswith("shards/")}
    assert ours == digests("one")
    assert leftovers("out") == []
    # Nothing is done twice, and what a shard says is the same to the byte.
    before = digests("out")
    for number in range(1, 8):
        with suppress(Ended):
            study.run("out", shard=Shard(number, 7), keep_going=True)
    assert digests("out") == before


def test_an_empty_cohort_file_of_rows(study, digests):
    """A report without a single kept case has no rows; ours neither."""
    study.cohort("cases:", "select: [{metadata: {age: {at_least: 99}}}]\ncases:")
    all_shards(study, 2)
    merge_shards(Path("out"))
    report = json.loads(Path("out/cohort.json").read_text())
    assert report["cases"] == []
    assert len(report["selection"]["dropped"]) == 3
    from vesalius.adapters.cases.report_file import is_whole, read_whole_report

    assert is_whole(report)
    assert read_whole_report(Path("out/cohort.json")) == report


def killed_after(number: int):
    """Run so many cases, then end without a word, as a killed process does."""

    class Killed(BaseException):
        pass

    def executor(job, tasks, workers):
        for task in tasks[:number]:
            yield do_case(job, task)
        raise Killed

    return executor, Killed


def test_a_shard_that_is_stopped_is_gone_on_with(study, digests):
    from vesalius.adapters.cohort.cohort_file import load_cohort
    from vesalius.adapters.cohort.cohort_job import prepare_job
    from vesalius.adapters.cohort.run_cases import prepare_run, run_cases
    from vesalius.ontology.load import load_ontology

    cohort = load_cohort(Path("cohort.yaml"), load_ontology())
    run = prepare_run(cohort, prepare_job(cohort), Path("out"), Shard(1, 1))
    executor, killed = killed_after(2)
    seen = []

    def look(outcome) -> None:
        seen.append(Counter(row["row"]["status"] for row in lines("out/shards/1-of-1.jsonl")[1:]))

    with pytest.raises(killed):
        run_cases(run, executor=executor, advance=look)
    # What ended is one more line at once: three say "open" from the start.
    assert seen == [{"open": 3, "written": 1}, {"open": 3, "written": 2}]
    assert merge_shards(Path("out")).counts["open"] == 1
    study.run("out", shard=Shard(1, 1))
    merge_shards(Path("out"))
    study.run("one")
    assert all(digests("out")[name] == digests("one")[name] for name in RECORDS)


def test_a_line_cut_short_is_no_damage_and_a_changed_one_is(study):
    all_shards(study, 1)
    path = Path("out/shards/1-of-1.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines()[1][:40])
    assert merge_shards(Path("out")).counts["written"] == 3
    path.write_bytes(whole.replace(b'"written"', b'"dropped"', 1))
    assert codes(lambda: merge_shards(Path("out"))) == ["COH019"]
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert codes(lambda: merge_shards(Path("out"))) == ["COH019"]
    study.run("out", shard=Shard(1, 1))
    assert path.read_bytes() == whole


def test_two_cases_of_two_shards_at_one_place(study):
    """Neither shard can know; a and c fall to different ones of three."""
    study.table("name,Sex,place\na,M,x\nc,M,x\n")
    study.cohort("cases: {from: image}", 'output: "{place}/"\ncases: [a, c]')
    all_shards(study, 3)
    assert codes(lambda: merge_shards(Path("out"))) == ["COH013"]


def test_shards_and_a_whole_run_keep_apart(study):
    """Shards stand side by side, the same one and the whole run do not."""
    Path("out/shards").mkdir(parents=True)
    lock = Path("out") / RUNNING
    with together(lock) as first, together(lock) as second:
        assert first
        assert second
        study.run("out", shard=Shard(1, 2))
        assert codes(lambda: study.run("out")) == ["COH015"]
        with alone(Path(f"out/shards/{RUNNING}-2-of-2")):
            assert codes(lambda: study.run("out", shard=Shard(2, 2))) == ["COH015"]
    assert not lock.exists()
    with (
        alone(lock),
        pytest.raises(DiagnosticError, match="another run"),
        beside_shards(Path("out")),
    ):
        pass
    assert codes(lambda: study.run("out", shard=Shard(1, 3))) == ["COH017"]
    assert leftovers("out") == []


def test_shards_at_once_in_one_folder(study, digests, vesalius):
    """Processes that make, sweep and take away the same folders."""
    study.cohort("cases:", 'output: "{case}.nii.gz"\ncases:')
    study.run("one")
    study.run("out", shard=Shard(1, 3))  # it has no case
    running = [vesalius("run", "cohort.yaml", "-o", "out", "--shard", f"{k}/3") for k in (2, 3)]
    ends = [(process.communicate(timeout=PATIENCE_S), process.returncode) for process in running]
    assert [code for _, code in ends] == [0, 0], ends
    merge_shards(Path("out"))
    assert {k: v for k, v in digests("out").items() if k[:7] != "shards/"} == digests("one")
    assert leftovers("out") == []


def test_how_far_shards_are(study, capsys):
    """a and b fall to the first of five and the second, d to the last; 3 and 4 as it comes."""
    assert guard(cli, ["cohort", "status", "out"]) == 3
    study.run("out", shard=Shard(2, 5))
    study.run("out", shard=Shard(1, 5))
    path = Path("out/shards/1-of-5.jsonl")
    head, _, second = path.read_bytes().splitlines(keepends=True)
    fresh = record_of_a_new_run(study, Shard(1, 5))
    path.write_bytes(fresh + second)
    os.utime(path, (time.time() - 600, time.time() - 600))
    Path("out/shards/3-of-5.jsonl").write_bytes(head[:50])
    capsys.readouterr()
    assert guard(cli, ["cohort", "status", "out"]) == 0
    assert capsys.readouterr().out == (
        "1 of 5 shards are done; 2 written, 1 open\n"
        "  1 at work, or killed: 1 (1 open, silent for 10 min)\n"
        "  1 with a damaged record: 3\n"
        "  2 not begun: 4, 5\n"
    )
    assert guard(cli, ["cohort", "status", "out", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [row["state"] for row in said["shards"]] == [
        "begun", "ended", "damaged", "none", "none",
    ]  # fmt: skip
    assert said["counts"] == {
        "written": 2, "excluded": 0, "failed": 0, "incomplete": 0, "open": 1,
    }  # fmt: skip


def record_of_a_new_run(study, shard: Shard) -> bytes:
    """Give what a shard writes before its first case ends."""
    found: list[bytes] = []

    def executor(job, tasks, workers):
        found.append(Path(f"elsewhere/shards/{shard.name}.jsonl").read_bytes())
        yield from ()

    run_cohort(Path("cohort.yaml"), CohortOptions(
        Path("elsewhere"), 1, keep_going=False, force=False, dry_run=False, as_json=False,
        shard=shard,
    ), executor)  # fmt: skip
    return found[0]
