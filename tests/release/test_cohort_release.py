"""`vesalius cohort release` on a cohort that was run: who comes along, and what is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from golden_texts import check_all_kept, check_page, codes_of, compare, listed, refused

from calling import call_vesalius
from small_cohort import HOSTILE
from vesalius.adapters.measures.cohort_output import written_cohort
from vesalius.adapters.measures.review import DECISIONS
from vesalius.adapters.release.cohort_release import prepare_cohort_release
from vesalius.adapters.release.release_folder import check_release_folder, write_release
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.diagnostics import DiagnosticError

GOLDEN = Path(__file__).with_name("golden")
HEAD = "case,reader,structure,decision,remark\n"


@pytest.fixture
def out(copied):
    """What the run of the small cohort wrote, to be changed by a test."""
    return copied / "out"


def released(out, *options):
    ended = call_vesalius("cohort", "release", out, "-o", "rel", *options, cwd=out.parent)
    return ended, out.parent / "rel"


def cases(folder):
    dataset = json.loads((folder / "dataset.json").read_text())
    return [row["case"] for row in dataset["cases"]], dataset["left_out"]


def test_cases_without_errors_come_along(out):
    ended, folder = released(out)
    assert ended.returncode == 0, ended.stderr
    coming, left_out = cases(folder)
    assert sorted(coming) == sorted(["good", HOSTILE])
    assert {row["case"]: row for row in left_out} == {
        "two": {"case": "two", "verdict": "review"},
        "broken": {"case": "broken", "status": "failed"},
    }
    assert ended.stdout.splitlines() == [
        "rel: 2 cases of `small`",
        "  1 case left out: verdict review",
        "  1 case left out: failed",
    ]
    for name, digest in json.loads((folder / "provenance.json").read_text())["files"].items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (folder / "labels/good/labels.nii.gz").read_bytes() == (
        out / "good/labels.nii.gz"
    ).read_bytes()
    here = str(out.parent.parent).encode()
    assert not [p for p in folder.rglob("*") if p.is_file() and here in p.read_bytes()]
    dropped = json.loads((folder / "selection.json").read_text())["dropped"]
    assert [row["case"] for row in dropped] == ["unwanted"]


def test_with_errors_and_images(out):
    ended, folder = released(out, "--review", "--images", "copy", "--format", "json")
    assert json.loads(ended.stdout) == {
        "cases": 3,
        "left_out": [{"case": "broken", "status": "failed"}],
    }
    image = (out.parent / "images/two.nii.gz").read_bytes()
    assert (folder / "images/two/labels.nii.gz").read_bytes() == image


@pytest.mark.parametrize(
    ("lines", "review", "left_out"),
    [
        ("good,A,,keep,\n", False, {}),
        ("good,A,,keep,\ngood,B,,repair,\n", False, {"good": "repair"}),
        ("good,A,,keep,\ngood,B,,repair,\n", True, {}),
        ("good,A,,discard,\ngood,B,,keep,\n", True, {"good": "discard"}),
        ("good,A,,keep,\ngood,A,liver,discard,leaks\n", False, {"good": "repair"}),
        ("good,A,liver,keep,\n", False, {}),
    ],
)
def test_what_readers_say_counts(out, lines, review, left_out):
    (out / "review.csv").write_text(HEAD + lines)
    record, ontology = written_cohort(out, "REL004"), load_ontology()
    scheme = load_scheme(record["target"], ontology)
    job = prepare_cohort_release(out, record, out.parent / "rel", scheme, ontology, review=review)
    told = {row["case"]: row["readers"] for row in write_release(job).left_out if "readers" in row}
    assert told == left_out


def test_a_changed_report_or_form_is_refused(out):
    (out / "review.csv").write_text(HEAD + "good,A,,perhaps,\n")
    ended, folder = released(out)
    assert "error[MEA014]: `perhaps` is no decision on case `good`" in ended.stderr
    (out / "review.csv").unlink()
    report = out / "good/report.json"
    report.write_text(report.read_text().replace("keep", "ceep"))
    ended, folder = released(out)
    assert "error[MEA016]" in ended.stderr
    assert ended.returncode == 2
    assert not folder.exists()


def test_a_target_that_is_a_file(out, tmp_path):
    ended, _ = released(out, "--target", tmp_path / "no.yaml")
    assert "no.yaml" in ended.stderr
    ended, folder = released(out, "--target", "amos22")
    assert ended.returncode == 0
    assert "liver" in (folder / "structures.csv").read_text()


def test_tables_of_another_scheme_are_not_given_to_label_maps(out):
    ended, folder = released(out, "--target", "totalsegmentator_v2")
    assert ended.returncode == 2
    said = "error[REL003]: the label maps are written in `amos22`, not in `totalsegmentator_v2`"
    assert said in ended.stderr
    assert not folder.exists()


def release(out, **options):
    record, ontology = written_cohort(out, "REL004"), load_ontology()
    scheme = load_scheme(record["target"], ontology)
    write_release(
        prepare_cohort_release(out, record, out.parent / "rel", scheme, ontology, **options)
    )


def no_release(out):
    raise DiagnosticError(check_release_folder(out))


def nothing_kept(out):
    lines = [f"{case},A,,discard,\n" for case in ("good", "two", HOSTILE)]
    (out / "review.csv").write_text(HEAD + "".join(lines))
    release(out)


def changed_by_hand(out):
    path = out / "good/labels.nii.gz"
    path.write_bytes(path.read_bytes() + b"\0")
    release(out)


def image_is_gone(out):
    (out.parent / "images/good.nii.gz").unlink()
    release(out, images="link")


def label_map_is_gone(out):
    (out / "good/labels.nii.gz").unlink()
    release(out)


def no_record(out):
    written_cohort(out / "good", "REL004")


BAD = {
    "REL001": [no_release],
    "REL002": [nothing_kept],
    "REL003": [changed_by_hand, image_is_gone, label_map_is_gone],
    "REL004": [no_record],
}


@pytest.mark.parametrize(("code", "maker"), listed(BAD))
def test_messages(code, maker, out, monkeypatch):
    monkeypatch.chdir(out.parent)
    compare(GOLDEN, code, maker, refused(maker, Path("out")))


def test_every_code_has_a_golden_text():
    check_all_kept(GOLDEN, codes_of("REL"), BAD)


@pytest.mark.parametrize("code", codes_of("REL"))
def test_every_code_has_a_page(code):
    check_page(code)


def test_the_better_decision_comes_first():
    assert DECISIONS == ("keep", "repair", "discard")
