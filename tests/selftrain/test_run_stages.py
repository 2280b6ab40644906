"""What is run and what is not: tiny stages in place of trainings."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vesalius.adapters.selftrain import digest_cache
from vesalius.adapters.selftrain.digest_cache import DigestCache
from vesalius.adapters.selftrain.run_stages import plan_states, run_one, run_stages
from vesalius.adapters.selftrain.stage import Stage
from vesalius.adapters.selftrain.stage_records import StageRecords
from vesalius.ontology.reading.diagnostics import DiagnosticError

ORDER = ["left", "right", "join", "end"]
"""`join` reads what `left` and `right` write, `end` reads `join`."""


class Toy:
    """Stages that write down what they read; `calls` and `aside` say what happened."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.calls: list[str] = []
        self.aside: list[str] = []
        self.breaks: set[str] = set()
        self.parameters: dict[str, object] = {}
        self.source = work / "source.txt"
        work.mkdir(exist_ok=True)
        self.source.write_text("source")

    def out(self, name):
        return self.work / f"{name}.out"

    def stage(self, name, after=(), files=None):
        def work():
            self.calls.append(name)
            read = [self.out(before).read_text() for before in after]
            if name in self.breaks:
                raise RuntimeError(name)
            word = self.parameters.get(name, "")
            # `right` gives the same whatever its parameter is.
            self.out(name).write_text(f"{name}({'' if name == 'right' else word}{','.join(read)})")
            return [self.out(name)]

        return Stage(
            name, work, after, {"word": self.parameters.get(name, "")}, files or {},
            set_aside=lambda: self.aside.append(name),
        )  # fmt: skip

    @property
    def stages(self):
        return [
            self.stage("left", files={"source": self.source}),
            self.stage("right"),
            self.stage("join", ("left", "right")),
            self.stage("end", ("join",)),
        ]

    def run(self):
        """Run all as a new process would; give the names of what was run."""
        self.calls.clear()
        self.said = []
        run_stages(self.stages, StageRecords(self.work), lambda *words: self.said.append(words))
        return list(self.calls)

    def states(self):
        return plan_states(self.stages, StageRecords(self.work))


@pytest.fixture
def toy(tmp_path):
    return Toy(tmp_path / "work")


def test_each_once_and_in_order(toy):
    assert set(toy.states().values()) == {"to do"}
    assert toy.run() == ORDER
    assert toy.out("end").read_text() == "end(join(left(),right()))"
    assert toy.said == [(name, word) for name in ORDER for word in ("start", "finished")]
    assert toy.run() == []
    assert toy.said == [(name, "done") for name in ORDER]


def test_a_stage_that_broke_is_continued_and_the_ones_before_stay(toy):
    toy.breaks = {"join"}
    with pytest.raises(RuntimeError, match="join"):
        toy.run()
    assert toy.states() == {"left": "done", "right": "done", "join": "continue", "end": "to do"}
    toy.breaks = set()
    toy.aside.clear()
    assert toy.run() == ["join", "end"]
    assert toy.aside == ["end"]


def test_what_was_begun_with_other_parameters_is_set_aside(toy):
    toy.breaks = {"left"}
    with pytest.raises(RuntimeError):
        toy.run()
    toy.breaks, toy.aside = set(), []
    toy.parameters["left"] = "other"
    assert toy.states()["left"] == "to do"
    toy.run()
    assert "left" in toy.aside


def test_a_changed_parameter_goes_through_all_that_read_it(toy):
    toy.run()
    toy.parameters["left"] = "x"
    assert toy.states() == {"left": "to do", "right": "done", "join": "to do", "end": "to do"}
    assert toy.run() == ["left", "join", "end"]
    assert toy.out("end").read_text() == "end(join(left(x),right()))"


def test_the_same_result_ends_the_work(toy):
    toy.run()
    toy.parameters["right"] = "x"
    assert toy.run() == ["right"]
    assert toy.said[2:] == [("right", "finished"), ("join", "done"), ("end", "done")]


def test_a_changed_file_from_outside_counts_and_its_date_does_not(toy):
    toy.run()
    os.utime(toy.source, (1, 1))
    assert toy.run() == []
    toy.source.write_text("other!")
    assert toy.run() == ["left"]  # it writes the same as before


def test_a_missing_file_from_outside_is_named(toy):
    toy.source.unlink()
    with pytest.raises(DiagnosticError, match="IO001"):
        toy.run()


@pytest.mark.parametrize("harm", ["delete", "change"])
def test_outputs_in_between_may_go_once_they_are_used(toy, harm):
    toy.run()
    for name in ("left", "join"):
        toy.out(name).unlink() if harm == "delete" else toy.out(name).write_text("?")
    assert toy.run() == []
    toy.parameters["end"] = "x"
    assert toy.states() == {"left": "to do", "right": "done", "join": "to do", "end": "to do"}
    assert toy.run() == ["left", "join", "end"]
    assert toy.out("end").read_text() == "end(xjoin(left(),right()))"


@pytest.mark.parametrize("harm", ["delete", "change"])
def test_the_last_output_is_made_again(toy, harm):
    toy.run()
    before = toy.out("end").read_bytes()
    toy.out("end").unlink() if harm == "delete" else toy.out("end").write_text("?")
    assert toy.run() == ["end"]
    assert toy.out("end").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other", "outputs": {}}', "null"])
def test_a_damaged_record_is_none(toy, text):
    toy.run()
    (toy.work / "stages/join/done.json").write_text(text)
    assert toy.run() == ["join"]  # and `end` finds what it read before


def test_one_stage_alone(toy):
    def alone(name):
        toy.calls.clear()
        run_one(name, toy.stages, StageRecords(toy.work), lambda *_: None)
        return list(toy.calls)

    with pytest.raises(DiagnosticError, match=r"STR008.*`join` reads what `left` writes"):
        alone("join")
    assert alone("left") == ["left"]
    assert alone("left") == []
    assert alone("right") == ["right"]
    assert alone("join") == ["join"]
    toy.parameters["left"] = "x"
    with pytest.raises(DiagnosticError, match="STR008"):
        alone("join")
    with pytest.raises(DiagnosticError, match="STR007"):
        alone("joint")


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("break"), st.sampled_from(ORDER)),
            st.tuples(st.just("lose"), st.sampled_from(ORDER)),
            st.tuples(st.just("forget"), st.sampled_from(ORDER)),
            st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(ORDER)),
        ),
        max_size=5,
    )
)
def test_whatever_happens_the_end_is_that_of_a_fresh_run(tmp_path_factory, events):
    toy = Toy(tmp_path_factory.mktemp("toy") / "work")
    for what, name in events:
        if what == "break":
            toy.breaks = {name}
            with contextlib.suppress(RuntimeError):
                toy.run()
            toy.breaks = set()
        elif what == "lose":
            toy.out(name).unlink(missing_ok=True)
        elif what == "forget":
            (toy.work / "stages" / name / "done.json").unlink(missing_ok=True)
        else:
            toy.parameters[name] = what
    toy.run()
    word = toy.parameters
    left, right = f"left({word.get('left', '')})", "right()"
    join = f"join({word.get('join', '')}{left},{right})"
    assert toy.out("end").read_text() == f"end({word.get('end', '')}{join})"
    assert toy.run() == []


KILLED = """\
import sys, time
from pathlib import Path
from vesalius.adapters.selftrain.run_stages import run_stages
from vesalius.adapters.selftrain.stage import Stage
from vesalius.adapters.selftrain.stage_records import StageRecords
work = Path(sys.argv[1])
def slow():
    (work / "half").write_text("half")
    time.sleep(600)
def fast():
    (work / "fast").write_text("fast")
    return [work / "fast"]
run_stages([Stage("fast", fast), Stage("slow", slow, ("fast",))], StageRecords(work), print)
"""


def test_killed_without_warning_no_lock_stays(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", KILLED, tmp_path], stdout=subprocess.DEVNULL)
    while not (tmp_path / "half").exists():
        assert process.poll() is None
        time.sleep(0.01)
    second = StageRecords(tmp_path)

    def work():
        (tmp_path / "slow").write_text("slow")
        return [tmp_path / "slow"]

    stages = [Stage("fast", lambda: pytest.fail("again")), Stage("slow", work, ("fast",))]
    with pytest.raises(DiagnosticError, match="STR009"):
        run_stages(stages, second, lambda *_: None)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert plan_states(stages, second) == {"fast": "done", "slow": "continue"}
    run_stages(stages, second, lambda *_: None)
    assert json.loads((tmp_path / "stages/slow/done.json").read_text())["outputs"].keys() == {
        "slow"
    }


class TestDigests:
    def test_read_once_while_nothing_changes(self, tmp_path, monkeypatch):
        read = []
        real = digest_cache.file_digest
        monkeypatch.setattr(digest_cache, "file_digest", lambda p: read.append(p.name) or real(p))
        old, young, link = (tmp_path / name for name in ("old", "young", "link"))
        for path in (old, young):
            path.write_text(path.name)
        os.utime(old, (1, 1))
        os.link(old, link)
        cache = DigestCache(tmp_path / "digests.json")
        first = [cache.digest(path) for path in (old, link, young, old, young)]
        assert read == ["old", "young", "young"]
        cache.save()
        again = DigestCache(tmp_path / "digests.json")
        assert [again.digest(path) for path in (old, link, young, old, young)] == first
        assert read == ["old", "young", "young", "young", "young"]
        old.write_text("new")  # the same length
        os.utime(old, (2, 2))
        assert again.digest(old) == real(old) != first[0]

    def test_a_damaged_cache_costs_time_only(self, tmp_path):
        path = tmp_path / "file"
        path.write_text("x")
        os.utime(path, (1, 1))
        for text in ("", "[]", "{", '{"1:2": 3}'):
            (tmp_path / "digests.json").write_text(text)
            cache = DigestCache(tmp_path / "digests.json")
            assert cache.digest(path) == digest_cache.file_digest(path)
            cache.save()
