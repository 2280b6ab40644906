"""The exact text of every message of a cohort.

Write the texts anew with `VESALIUS_UPDATE_GOLDEN=1` and review the difference.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from golden_texts import codes_of

from vesalius.adapters.cli.main import cli
from vesalius.adapters.cli.outcome import guard
from vesalius.adapters.code_pages import code_page
from vesalius.adapters.cohort.case_worker import do_case
from vesalius.adapters.cohort.cohort_job import CohortJob
from vesalius.adapters.cohort.shard import Shard
from vesalius.engine.plan.plan_json import plan_digest
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.render import render_human
from vesalius.session import Session

GOLDEN = Path(__file__).parent / "golden"


def found_before(study):
    """Give everything that is said before any work starts."""
    try:
        return study.preflight()[2].problems
    except DiagnosticError as failed:
        return failed.diagnostics


def brace(s):
    s.cohort("images/{case}_0000", "images/{case_0000")


def cut(s):
    s.cohort("cases: ", 'output: "{subject}_{study_uid:[-5:]}.nii.gz"\ncases: ')


def no_name(s):
    s.cohort("preds/{case}", "preds/{}")


def field(s):
    s.cohort("images/{case}_", "images/{cse}_", "preds/{case}", "preds/{Subject}")


def column(s):
    s.cohort("case: name, sex: Sex", "case: nam, sex: sex")


def rule_column(s):
    s.cohort("cases:", "select: [{metadata: {agee: {at_least: 3}}}]\ncases:")


def values_column(s):
    s.cohort("values: {sex:", "values: {gender:")


def no_table(s):
    Path("cases.csv").rename("case.csv")


def not_utf8(s):
    Path("cases.csv").write_bytes("name,Sex\na,männlich\n".encode("latin-1"))


def empty_table(s):
    s.table("\n\n")


def ragged(s):
    s.table("name,Sex,diagnosis\na,M,tumour, left\nb,F\n")


def columns_twice(s):
    s.table("name,Sex,Sex,\na,M,M,1\n")


def rows_twice(s):
    s.table("name,Sex\na,M\nb,F\na,F\nc,M\n")


def listed_twice(s):
    s.cohort("cases: {from: image}", "cases: [a, b, a]")


def short_value(s):
    s.cohort("cases:", 'output: "{subject}_{study_uid:last5}/"\ncases:')
    s.table("name,Sex,subject,study_uid\na,M,S1,12\nb,F,,12345\nc,F,../S3,12345\n")


def no_case_name(s):
    s.table("name,Sex\na,M\n,F\n")


def leads_out(s):
    s.cohort("cases:", 'output: "../{case}/"\ncases:')


def no_metadata(s):
    s.cohort(
        "metadata: {table: cases.csv, case: name, sex: Sex, values: {sex: {M: male, F: female}}}\n",
        "",
        "{from: image}",
        "{from: metadata}\nselect: [{metadata: {sex: [male]}}]",
    )


def no_image(s):
    s.cohort(
        "image: images/{case}_0000.nii.gz\n",
        "",
        "cases:",
        "select: [{slices: {at_most: 9}}]\ncases:",
    )


def no_origin(s):
    s.cohort("from: image", "from: amos")


def not_to_be_found(s):
    s.cohort("images/{case}_0000", "images/{subject}/{case}")


def unknown_case(s):
    s.cohort("cases:", "select: [{exclude: [a_1, b]}]\ncases:")


def unknown_value(s):
    s.cohort("cases:", "select: [{metadata: {subject: [S1, s22]}}]\ncases:")


def nothing_found(s):
    s.cohort("images/{case}_0000", "imagesTr/{case}_0000")


def missing(s):
    Path("preds/b.nii.gz").rename("preds/b_.nii.gz")
    Path("images/c_0000.nii.gz").unlink()
    Path("images/c_0000.nii.gz").mkdir()
    s.cohort("{from: image}", "[a, b, c, d]")
    s.table("name,Sex\na,M\nb,F\nc,M\nd,M\n")


def no_row(s):
    s.table("name,Sex\na,M\nd,M\n")


def one_number(s):
    s.case("s7")
    s.case("s007", seed=1)
    for name in "abc":
        Path(f"images/{name}_0000.nii.gz").unlink()
    s.table("name,Sex\n7,M\n")


def sex(s):
    s.table("name,Sex\na,M\nb,O\nc,\n")


def no_meaning(s):
    s.cohort("{M: male, F: female}", "{M: mael, F: w, '': unknown}")


def no_number(s):
    s.cohort("cases:", "select: [{metadata: {age: {at_least: 18}}}]\ncases:")
    s.table("name,Sex,age\na,M,50y\nb,F,\nc,M,9\n")


def one_place(s):
    s.cohort("cases:", 'output: "{Sex}.nii.gz"\ncases:')


def header(s):
    s.cohort("cases:", "select: [{slices: {at_least: 3}}]\ncases:")
    Path("images/b_0000.nii.gz").write_bytes(b"no image")


def one_patient_twice(s):
    Path("preds/c.nii.gz").write_bytes(Path("preds/a.nii.gz").read_bytes())


def called_otherwise(s):
    Path("images/d_0000.nii").touch()
    Path("images/e.NII.GZ").touch()


def zeros_lost(s):
    for name in "abc":
        s.case(f"s000{ord(name) - 96}", seed=ord(name))
        Path(f"images/{name}_0000.nii.gz").unlink()
    s.table("name,Sex\n1,M\n2,F\n03,M\n")


BEFORE = {
    "COH001": [brace, cut, no_name],
    "COH002": [field],
    "COH003": [column, rule_column, values_column],
    "COH004": [no_table, not_utf8, empty_table, ragged, columns_twice],
    "COH005": [rows_twice, listed_twice],
    "COH006": [short_value, no_case_name, leads_out],
    "COH007": [no_metadata, no_image, no_origin, not_to_be_found],
    "COH008": [unknown_case, unknown_value],
    "COH009": [nothing_found],
    "COH010": [missing],
    "COH011": [no_row, one_number],
    "COH012": [sex, no_number, no_meaning],
    "COH013": [one_place],
    "COH014": [header],
    "COH022": [one_patient_twice],
    "COH023": [zeros_lost],
    "COH024": [called_otherwise],
}


def scheme_names(s):
    s.cohort("amos22: preds", "amos2: preds", "target: amos22", "target: dap")


def unquoted_brace(s):
    s.cohort(
        "predictions:\n  amos22: preds/{case}.nii.gz", "predictions: {amos22: preds/{case}.nii.gz}"
    )


def shapes(s):
    s.cohort(
        "cohort: small", "cohort: a b", "{from: image}", "image\noutput: '{case}.nii'\nworkers: 3",
        "rules: none", "select: [{slice: {at_least: 3}}, {slices: {at_least: 5, at_most: 3}}]",
    )  # fmt: skip


def output_is_input(s):
    s.cohort("cases:", 'output: "{case}.nii.gz"\ncases:')


OTHERS = {
    "SCH001": [scheme_names],
    "YML001": [unquoted_brace],
    "YML": [shapes],
    "IO052": [output_is_input],
}
ALL = [
    (code, maker)
    for table in (BEFORE, OTHERS)
    for code, makers in table.items()
    for maker in makers
]


def same_text(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("code", "maker"), ALL, ids=lambda x: getattr(x, "__name__", x))
def test_text(study, code, maker):
    maker(study)
    if maker is output_is_input:
        found = study.preflight(output="preds")[2].problems
    else:
        found = found_before(study)
    assert {d.code[: len(code)] for d in found} == {code}
    text = render_human(found, limit=None)
    # Schemes that are shipped lie where the package is installed.
    same_text(f"{code}-{maker.__name__}.txt", text)


def job() -> CohortJob:
    return CohortJob(Session("amos22", "amos22", rules=None), "", resample=False, force=True)


@pytest.mark.parametrize(
    ("code", "name", "failure"),
    [("COH020", "memory", MemoryError()), ("COH021", "bug", KeyError("x"))],
)
def test_text_of_a_failed_case(study, monkeypatch, code, name, failure):
    def fail(*_):
        raise failure

    monkeypatch.setattr(Session, "run", fail)
    (task, *_) = study.preflight()[2].ready
    outcome = do_case(job(), task)
    assert (outcome.case, outcome.status) == ("a", "failed")
    assert bool(outcome.trace) == (code == "COH021")
    same_text(f"{code}-{name}.txt", render_human(outcome.problems))


def test_the_plan_is_checked_where_it_arrives():
    sent = job()
    with pytest.raises(ValueError, match="not the plan that was sent"):
        sent.check()
    replace(sent, digest=plan_digest(sent.session.compiled.plan)).check()


def no_record(s):
    shutil.rmtree("out/shards")


def other_numbers(s):
    s.run(shard=Shard(1, 3))


def missing_shards(s):
    Path("out/shards/2-of-2.jsonl").unlink()


def changed_line(s):
    path = Path("out/shards/1-of-2.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"written"', b'"excluded"'))


SHARDS = {
    "COH016": no_record,
    "COH017": other_numbers,
    "COH018": missing_shards,
    "COH019": changed_line,
}


@pytest.mark.parametrize("code", SHARDS)
def test_text_of_shards(study, code, capsys):
    for number in (1, 2):
        study.run(shard=Shard(number, 2))
    try:
        SHARDS[code](study)
    except DiagnosticError as failed:
        text = render_human(failed.diagnostics)
    else:
        capsys.readouterr()
        assert guard(cli, ["cohort", "merge", "out"]) == (3 if code == "COH016" else 2)
        text = capsys.readouterr().err
    assert text.startswith(f"error[{code}]")
    same_text(f"{code}-{SHARDS[code].__name__}.txt", text)


def test_every_code_has_a_case():
    assert {*BEFORE, "COH015", *SHARDS, "COH020", "COH021"} == set(codes_of("COH"))
    expected = {f"{code}-{maker.__name__}" for code, maker in ALL}
    expected |= {
        "COH020-memory",
        "COH020-killed",
        "COH020-not_begun",
        "COH021-bug",
        "IO044-dataset_json",
        "IO044-names",
        "COH015-another_run",
        *(f"{code}-{change.__name__}" for code, change in SHARDS.items()),
    }
    assert {path.stem for path in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize("code", codes_of("COH"))
def test_every_code_has_a_page(code):
    lines = code_page(code).splitlines()
    assert lines[0].startswith(f"# {code}: ")
    assert {"What it means", "Example", "How to mend"} <= set(lines)
    assert len(lines) <= 16
