"""`vesalius run` with rules: what it changes, what it reports, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform


@pytest.fixture
def run(vesalius, case, pack, tmp_path):
    """Run the small pack on the AMOS case, into AMOS."""

    def go(*arguments: object, out: str | None = "out", rules: object = pack):
        where = () if out is None else ("-o", tmp_path / out)
        return vesalius(
            "run", "-p", f"amos22={case}", "-t", "amos22", "--rules", rules, *where, *arguments
        )

    return go


def read(folder, name: str = "labels.nii.gz") -> np.ndarray:
    return np.asarray(nib.load(folder / name).dataobj)


def report_of(folder) -> dict:
    return json.loads((folder / "report.json").read_text())


def statuses(report: dict) -> dict[str, str]:
    return {outcome["rule"]: outcome["status"] for outcome in report["outcomes"]}


def test_a_safe_repair_is_made_and_the_rest_reported(run, organs, pack, tmp_path, same_text):
    done = run()
    assert done.returncode == 0, done.stderr
    expected = organs.copy()
    expected[9:11, 7:9, 5] = 0
    assert np.array_equal(read(tmp_path / "out"), expected)
    report = report_of(tmp_path / "out")
    assert statuses(report) == {
        "pieces/liver": "changed",
        "amount/spleen": "violated",
        "sides/no-right-kidney": "violated",
        "sex/no-prostate": "skipped",
    }
    liver, spleen, kidney, _ = report["outcomes"]
    assert liver["remaining"] == []
    assert liver["judges"] == ["liver"]
    line = pack.read_text().splitlines().index("  - id: pieces/liver") + 1
    assert Path(liver["defined_at"].rpartition(":")[0]).name == pack.name
    assert liver["defined_at"].endswith(f":{line}")
    assert spleen["remaining"] == spleen["findings"] != []
    assert kidney["reason"] == "not repaired: it is unsafe and was not asked for"
    assert not (tmp_path / "out" / "trace.nii.gz").exists()
    assert report["trace"] is None
    same_text("run-human.txt", done.stdout.replace(str(tmp_path), "."))


def test_unsafe_repairs_where_they_are_asked_for(run, organs, tmp_path):
    assert run("--unsafe").returncode == 0
    expected = organs.copy()
    expected[9:11, 7:9, 5] = 0
    expected[organs == 2] = 3
    assert np.array_equal(read(tmp_path / "out"), expected)
    assert statuses(report_of(tmp_path / "out"))["sides/no-right-kidney"] == "changed"


def test_only_the_selected_rules_run(run, organs, tmp_path):
    assert run("--select", "a*/*", "--select", "sides/*", "--unsafe").returncode == 0
    expected = np.where(organs == 2, 3, organs)
    assert np.array_equal(read(tmp_path / "out"), expected)
    report = report_of(tmp_path / "out")
    assert list(statuses(report)) == ["amount/spleen", "sides/no-right-kidney"]
    # Steps are what the numbers of a trace mean; without one they would say nothing.
    assert report["steps"] == []
    assert run("--select", "a*/*", "--select", "sides/*", "--unsafe", "--trace").returncode == 0
    report = report_of(tmp_path / "out")
    assert [(s["step"], s["rule"]) for s in report["steps"]] == [
        (1, "amount/spleen"),
        (2, "sides/no-right-kidney"),
    ]


def test_no_rules(run, organs, tmp_path):
    assert run(rules="none").returncode == 0
    assert np.array_equal(read(tmp_path / "out"), organs)
    report = report_of(tmp_path / "out")
    assert (report["rules"], report["outcomes"], report["steps"]) == (None, [], [])


def test_a_rule_or_a_pack_that_is_not_there(run, tmp_path):
    done = run("--select", "pieces/livr")
    assert done.returncode == 2
    assert "error[CLI003]" in done.stderr
    done = run("--select", "pieces/liver", rules="none")
    assert done.returncode == 2
    assert "`pieces/liver` is to be chosen, and there are no rules to choose from" in done.stderr
    done = run(rules="smal")
    assert done.returncode == 2
    assert "error[RUL001]" in done.stderr
    assert not (tmp_path / "out").exists()


def test_diff_writes_nothing_and_says_what_a_run_does(run, tmp_path, same_text):
    before = sorted(tmp_path.rglob("*"))
    shown = run("--diff", "--unsafe", out=None)
    assert shown.returncode == 0
    same_text("diff-human.txt", shown.stdout)
    foretold = json.loads(run("--diff", "--unsafe", "--format", "json", "--trace").stdout)
    assert sorted(tmp_path.rglob("*")) == before
    assert run("--unsafe").returncode == 0
    assert run(rules="none", out="plain").returncode == 0
    made = report_of(tmp_path / "out")
    assert foretold["outcomes"] == made["outcomes"]
    assert foretold["structures"] == made["structures"]
    differs = np.count_nonzero(read(tmp_path / "out") != read(tmp_path / "plain"))
    assert f"\n{differs} voxels would change; nothing was written\n" in shown.stdout


CHAIN = """\
schema: rules/1
pack: chain
about: One rule takes what another made; the last one puts some of it back.
phases: [a, b, c]
rules:
  - {id: a/x, summary: x, for: kidney_right, expect: absent, repair: {move_to: kidney_left}}
  - id: b/x
    summary: x
    for: kidney_left
    expect: absent
    repair: {move_to: stomach}
  - id: c/x
    summary: x
    for: stomach
    per: voxel
    where: {in_front_of: spleen}
    expect: absent
    repair: {move_to: kidney_right}
"""


@pytest.fixture
def chain(tmp_path):
    path = tmp_path / "chain.yaml"
    path.write_text(CHAIN)
    return path


def test_a_voxel_that_is_moved_on_counts_once(run, chain, organs):
    shown = run("--diff", out=None, rules=chain)
    # Of the kidney j = 2 and 3, of the spleen j = 2, 3 and 4: the level lies at j = 3, and what
    # is on it counts as in front of it.
    back = np.count_nonzero(organs[:, 3:] == 2)
    assert back == 2
    assert f"\n{np.count_nonzero(organs == 2) - back} voxels would change" in shown.stdout


def test_the_trace_names_the_last_step(run, chain, organs, tmp_path):
    assert run("--trace", "--fail-on", "never", rules=chain).returncode == 0
    expected = np.zeros(organs.shape, np.uint16)
    expected[organs == 2] = 2
    expected[:, 3:][organs[:, 3:] == 2] = 3
    trace = nib.load(tmp_path / "out" / "trace.nii.gz")
    assert np.array_equal(np.asarray(trace.dataobj), expected)
    assert trace.get_data_dtype() == np.uint16
    assert np.array_equal(trace.affine, np.diag([2, 2, 2, 1]))
    report = report_of(tmp_path / "out")
    assert report["trace"] == "trace.nii.gz"
    lines = CHAIN.splitlines()
    for number, rule in enumerate(("a/x", "b/x", "c/x"), start=1):
        step = report["steps"][number - 1]
        assert (step["step"], step["rule"]) == (number, rule)
        assert f"id: {rule}" in lines[int(step["defined_at"].rpartition(":")[2]) - 1]


def test_an_empty_trace_is_a_file_too(run, tmp_path):
    assert run("--trace", rules="none").returncode == 0
    trace = read(tmp_path / "out", "trace.nii.gz")
    assert (trace.dtype, int(trace.max())) == (np.uint16, 0)


def test_a_case_that_a_rule_leaves_out(run, tmp_path):
    rule = "{id: a/x, summary: x, for: spleen, expect: absent, exclude: true}"
    path = tmp_path / "leave.yaml"
    path.write_text(f"schema: rules/1\npack: leave\nabout: x\nphases: [a]\nrules:\n  - {rule}\n")
    assert run("--fail-on", "never", rules=path).returncode == 0
    done = run(rules=path)
    assert done.returncode == 1
    assert "exclude  a/x leaves this case out" in done.stdout
    assert report_of(tmp_path / "out")["excluded_by"] == ["a/x"]


def test_a_trace_that_is_no_longer_true_goes_and_one_of_others_stays(run, tmp_path):
    trace = tmp_path / "out" / "trace.nii.gz"
    assert run("--trace", rules="none").returncode == 0
    assert trace.exists()
    assert run(rules="none").returncode == 0
    assert not trace.exists()
    trace.write_bytes(b"somebody else's")
    assert run(rules="none").returncode == 0
    assert trace.read_bytes() == b"somebody else's"


def test_the_trace_does_not_depend_on_the_orientation(run, vesalius, case, pack, tmp_path):
    assert run("--trace", "--unsafe").returncode == 0
    image = nib.load(case)
    turn = ornt_transform(io_orientation(image.affine), axcodes2ornt(("L", "A", "I")))
    nib.save(image.as_reoriented(turn), tmp_path / "turned.nii.gz")
    done = vesalius(
        "run", "-p", f"amos22={tmp_path / 'turned.nii.gz'}", "-t", "amos22", "--rules", pack,
        "--trace", "--unsafe", "-o", tmp_path / "turned",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in ("labels.nii.gz", "trace.nii.gz"):
        straight = read(tmp_path / "out", name)
        assert straight.any()
        assert np.array_equal(read(tmp_path / "turned", name)[::-1, :, ::-1], straight)
