"""The exact text of every message of measuring.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from vesalius.adapters.measures.measure_task import read_record
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import render_human

GOLDEN = Path(__file__).parent / "golden"
COHORT = """\
schema: cohort/1
cohort: small
predictions:
  amos22: preds/{case}.nii.gz
target: amos22
rules: none
cases: [a, b]
"""


def empty_folder(t, save, organs):
    (t / "preds").mkdir()
    return "stats", t / "preds", "-s", "amos22"


def same_name(t, save, organs):
    return "stats", save("a/seg.nii.gz", organs), save("b/seg.nii.gz", organs), "-s", "amos22"


def no_scheme(t, save, organs):
    return "stats", save("seg.nii.gz", organs)


def incomplete_case(t, save, organs):
    save("preds/a.nii.gz", organs)
    (t / "cohort.yaml").write_text(COHORT)
    return "stats", t / "cohort.yaml"


def no_image(t, save, organs):
    save("images/a_0000.nii.gz", organs)
    return "stats", save("seg.nii.gz", organs), "-s", "amos22", "-i", t / "images"


def no_package(t, save, organs, monkeypatch):
    monkeypatch.setattr("vesalius.adapters.measures.surface_figures.find_spec", lambda _: None)
    return pair(save("a.nii.gz", organs), save("b.nii.gz", organs), "amos22")


def nothing_shared(t, save, organs):
    return pair(save("a.nii.gz", organs), save("b.nii.gz", organs), "verse")


def other_grid(t, save, organs):
    return pair(save("a.nii.gz", organs), save("b.nii.gz", organs[1:]), "amos22")


def no_summary(t, save, organs):
    (t / "summary.json").write_text('{"mean": {}}')
    return "validate", "--summary", t / "summary.json", "--scheme-truth", "amos22"


def pair(pred, truth, scheme):
    return "validate", "--pred", pred, "--truth", truth, "--scheme-pred", "amos22", \
        "--scheme-truth", scheme  # fmt: skip


def no_staple(t, save, organs, monkeypatch):
    monkeypatch.setattr("vesalius.adapters.measures.consensus.find_spec", lambda _: None)
    seg = save("a.nii.gz", organs)
    return "concordance", "-p", f"amos22={seg}", "-p", f"amos22={seg}", "--consensus", "staple"


def one_source(t, save, organs):
    return "concordance", "-p", f"amos22={save('a.nii.gz', organs)}"


def no_cohort(t, save, organs):
    return "sample", t


def wrong_form(t, save, organs):
    sample = {"schema": "sample/1", "cases": [{"case": "a"}]}
    (t / "sample.json").write_text(json.dumps(sample))
    lines = ("b,AB,,keep,", "a,AB,,discart,", "a,,,keep,", "a,AB,livr,repair,", "a,AB,,,")
    (t / "form.csv").write_text("case,reader,structure,decision,remark\n" + "\n".join(lines))
    return "sample", t, "--filled", t / "form.csv"


def no_sklearn(t, save, organs, monkeypatch):
    monkeypatch.setattr("vesalius.adapters.measures.review.find_spec", lambda _: None)
    wrong_form(t, save, organs)
    lines = ("a,AB,,keep,", "a,CD,,repair,")
    (t / "form.csv").write_text("case,reader,structure,decision,remark\n" + "\n".join(lines))
    return "sample", t, "--filled", t / "form.csv"


def changed_record(t, save, organs):
    (t / "cohort.json").write_text("{\n")
    return "sample", t


COMMANDS = {
    ("MEA001", 3): empty_folder,
    ("MEA002", 2): same_name,
    ("MEA003", 2): no_scheme,
    ("MEA004", 4): incomplete_case,
    ("MEA005", 3): no_image,
    ("MEA007", 2): no_package,
    ("MEA008", 2): nothing_shared,
    ("MEA009", 4): other_grid,
    ("MEA010", 2): no_summary,
    ("MEA011", 2): no_staple,
    ("MEA012", 2): one_source,
    ("MEA013", 2): no_cohort,
    ("MEA014", 2): wrong_form,
    ("MEA015", 2): no_sklearn,
    ("MEA016", 2): changed_record,
}


def compare(code: str, name: str, text: str) -> None:
    path = GOLDEN / f"{code}-{name}.txt"
    assert f"[{code}]" in text
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize(
    ("key", "make"), COMMANDS.items(), ids=lambda x: getattr(x, "__name__", "")
)
def test_messages_of_commands(key, make, tmp_path, save, organs, command, monkeypatch):
    code, exit_code = key
    more = (monkeypatch,) if make in (no_package, no_staple, no_sklearn) else ()
    ended, _, err = command(*make(tmp_path, save, organs, *more))
    assert ended == exit_code
    compare(code, make.__name__, err.replace(str(tmp_path), "DIR"))


def test_a_record_that_was_changed_meanwhile(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(DiagnosticError) as failed:
        read_record(tmp_path / "a.json")
    text = render_human(failed.value.diagnostics, color=False)
    compare("MEA006", "changed_record", text.replace(str(tmp_path), "DIR"))
