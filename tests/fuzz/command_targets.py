"""Mutated files on whole commands: the exit code, what is said, and what is left behind."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from fuzz.mutating import mutate_bytes, mutate_header, mutate_text, packed
from fuzz.seeds import DATASET, VOLUME, report_folder, volume_bytes
from fuzz.target import READ, REFUSED, PartialError, Target
from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard

CODES = frozenset(range(5))
_FORM = b'case,reader,structure,decision,remark\na,AB,,keep,\na,CD,liver,repair,"big, round"\n'
_SAMPLE = json.dumps({"schema": "sample/1", "cases": [{"case": "a"}, {"case": "b"}]}).encode()
_SUMMARY = json.dumps(
    {
        "foreground_mean": {"Dice": 0.5},
        "mean": {"1": {"Dice": 0.5}},
        "metric_per_case": [
            {
                "metrics": {
                    "1": {"Dice": 0.5, "IoU": 0.3, "TP": 1, "FP": 1, "FN": 1, "TN": 9,
                          "n_pred": 2, "n_ref": 2},
                },
                "prediction_file": "p/a.nii.gz",
                "reference_file": "t/a.nii.gz",
            }
        ],
    }
).encode()  # fmt: skip


def command_targets(folder: Path) -> list[Target]:
    """Give a target for each command that reads such a file; some need a folder of their own."""
    plain = volume_bytes()
    whole = gzip.compress(plain, mtime=0)
    amos = ("--from", "amos22", "--to", "amos22")
    for name in ("identify", "review", "compare"):
        (folder / name).mkdir()
    (folder / "identify" / "plain.nii.gz").write_bytes(whole)
    (folder / "review" / "sample.json").write_bytes(_SAMPLE)
    (folder / "review" / "form.csv").write_bytes(_FORM)
    old = folder / "compare" / "old.nii.gz"
    old.write_bytes(whole)
    report = report_folder(folder / "compare" / "run")
    pages = report_folder(folder / "pages" / "run")

    def convert(path: Path) -> list[object]:
        return ["convert", path, *amos, "-o", path.parent / "out" / "labels.nii.gz"]

    def identify(path: Path) -> list[object]:
        beside = path.with_name("plain.nii.gz")
        return ["identify", path if path.name.endswith(".nii.gz") else beside]

    def sample(path: Path) -> list[object]:
        return ["sample", path.parent, "--filled", path.parent / "form.csv"]

    def compare(path: Path) -> list[object]:
        new = path.parent / "labels.nii.gz"
        return ["compare", old, new, "-s", "amos22", "--format", "csv"]

    def changed(path: Path) -> list[object]:
        return ["compare", old, path, "-s", "amos22"]

    def show(path: Path) -> list[object]:
        return ["report", path.parent, "-o", path.parents[1] / "out"]

    def validate(path: Path) -> list[object]:
        return ["validate", "--summary", path, "--scheme-truth", "amos22"]

    return [
        Target("command/" + VOLUME, (whole,), mutate_bytes, ending_well(convert)),
        Target("identify/header.nii.gz", (plain,), packed(mutate_header), ending_well(identify)),
        Target("identify/dataset.json", DATASET, mutate_text, ending_well(identify)),
        Target("review/form.csv", (_FORM,), mutate_text, ending_well(sample)),
        Target("review/sample.json", (_SAMPLE,), mutate_text, ending_well(sample)),
        Target("summary/summary.json", (_SUMMARY,), mutate_text, ending_well(validate)),
        Target("compare/run/report.json", (report,), mutate_text, ending_well(compare)),
        Target("compare/header.nii.gz", (plain,), packed(mutate_header), ending_well(changed)),
        Target("pages/run/report.json", (pages,), mutate_text, ending_well(show)),
        Target("pages/run/labels.nii.gz", (whole,), mutate_bytes, ending_well(show)),
    ]


def ending_well(arguments: Callable[[Path], list[object]]) -> Callable[[Path], str]:
    """Run a command on a file: a documented exit code, no traceback, all of an output or none."""

    def read(path: Path) -> str:
        output = path.parent / "out"
        output.mkdir(exist_ok=True)
        before = {p: p.read_bytes() for p in output.glob("*")}
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = guard(cli, [str(argument) for argument in arguments(path)])
        if code not in CODES or "Traceback" in said.getvalue():
            raise RuntimeError(f"exit code {code}: {said.getvalue()[-500:]}")
        left = sorted(p.name for p in path.parent.rglob(".vesalius*"))
        if left or (code > 1 and before != {p: p.read_bytes() for p in output.glob("*")}):
            raise PartialError(f"left behind: {left or 'part of an output'}")
        return READ if code <= 1 else REFUSED

    return read
