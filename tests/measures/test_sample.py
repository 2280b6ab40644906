"""Drawing cases, their form, and the agreement of readers."""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.measures.review import PAGE, agreements, read_filled, write_form
from vesalius.adapters.measures.sampling import SampledCase, draw
from vesalius.adapters.measures.table_files import read_csv
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import DiagnosticError

HEAD = "case,reader,structure,decision,remark\n"


def cases(**groups):
    return [SampledCase(f"{sex}{n}", {"sex": sex, "verdict": "keep"})
            for sex, number in groups.items() for n in range(number)]  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40), st.integers(0, 5))
def test_a_sample_is_as_the_cohort_is(women, men, n, seed):
    given = cases(female=women, male=men) or cases(female=1)
    drawn = draw(given, n, seed, ["sex"])
    total = len(given)
    assert len(drawn) == min(n, total)
    assert len({each.name for each in drawn}) == len(drawn)
    for sex, size in (("female", women), ("male", men)):
        share = min(n, total) * size / total
        assert abs(sum(each.known["sex"] == sex for each in drawn) - share) < 1 or not women + men


def test_the_same_seed_draws_the_same_whatever_the_order():
    given = cases(female=20, male=30)
    names = [each.name for each in draw(given, 10, 3)]
    assert [each.name for each in draw(given[::-1], 10, 3)] == names
    assert [each.name for each in draw(given, 10, 4)] != names


class Scripts(HTMLParser):
    """Collects what scripts hold, and every tag."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self._inside = [], {}, None

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._inside = dict(attrs).get("id") if tag == "script" else None

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside:
            self.texts[self._inside] = data


def test_a_case_with_a_tag_for_a_name_stays_a_name(tmp_path):
    name = "</script><img src=x onerror=alert(1)>"
    write_form(tmp_path, [SampledCase(name, {"sex": "male"}, ("<b>",))], 0, load_ontology())
    page = Scripts()
    page.feed((tmp_path / PAGE).read_text())
    assert "img" not in page.tags
    data = json.loads(page.texts["data"])
    assert data["cases"][0]["case"] == name
    assert "liver" in data["structures"]
    assert "src=" not in (tmp_path / PAGE).read_text().replace(name, "").partition("data")[0]


def test_kappa_by_hand():
    """2 x 2 of the textbooks: both yes 20, both no 15, apart 5 and 10: 0.4."""
    rows = []
    for n, (one, other) in enumerate(
        [("keep", "keep")] * 20 + [("keep", "discard")] * 5 + [("discard", "keep")] * 10
        + [("discard", "discard")] * 15
    ):  # fmt: skip
        rows += [{"case": f"c{n}", "reader": r, "structure": None, "decision": d}
                 for r, d in (("A", one), ("B", other))]  # fmt: skip
    (found,) = agreements(rows)
    assert (found.cases, found.agreeing) == (50, 35)
    assert found.kappa == pytest.approx(0.4)


@pytest.mark.parametrize(
    "pairs",
    [
        [("keep", "keep")] * 3,  # one word only: chance explains everything
        [],
    ],
)
def test_kappa_that_is_undefined_is_none(pairs):
    rows = [{"case": "x", "reader": r, "structure": None, "decision": "keep"} for r in "A"]
    rows += [{"case": "y", "reader": r, "structure": None, "decision": "keep"} for r in "B"]
    for n, both in enumerate(pairs):
        rows += [{"case": f"c{n}", "reader": r, "structure": None, "decision": d}
                 for r, d in zip("AB", both, strict=True)]  # fmt: skip
    (found,) = agreements(rows)
    assert found.kappa is None
    assert found.cases == len(pairs)


def test_decisions_on_structures_do_not_count_as_decisions_on_cases():
    rows = [
        {"case": "a", "reader": "A", "structure": "liver", "decision": "repair"},
        {"case": "a", "reader": "B", "structure": None, "decision": "keep"},
    ]
    assert agreements(rows) == []


def test_from_a_cohort_to_the_agreement_of_two_readers(tmp_path, save, organs, command):
    for case in "abcd":
        save(f"preds/{case}.nii.gz", organs)
    (tmp_path / "cohort.yaml").write_text(
        "schema: cohort/1\ncohort: study\npredictions: {amos22: 'preds/{case}.nii.gz'}\n"
        "target: amos22\nrules: none\ncases: [a, b, c, d]\n"
    )
    out = tmp_path / "out"
    assert command("run", tmp_path / "cohort.yaml", "-o", out)[0] == 0
    code, said, err = command("sample", out, "-n", 3, "--stratify", "verdict")
    assert code == 0, err
    drawn = [row["case"] for row in read_csv("review", out / "review_form.csv")]
    assert said.splitlines()[:3] == drawn
    decisions = {"A": ("keep", "repair", "keep"), "B": ("keep", "repair", "discard")}
    for reader, words in decisions.items():
        lines = [f"{case},{reader},,{word}," for case, word in zip(drawn, words, strict=True)]
        lines.append(f'{drawn[1]},{reader},liver,repair,"cut, in two"')
        (tmp_path / f"{reader}.csv").write_text(HEAD + "\n".join(lines) + "\n")
    forms = [word for reader in "AB" for word in ("--filled", tmp_path / f"{reader}.csv")]
    code, said, err = command("sample", out, *forms)
    assert code == 0, err
    # Observed 2 of 3; by chance 1/3 (keep 2/3 x 1/3, repair 1/3 x 1/3, discard 0): kappa 1/2.
    assert "0.500" in said
    record = json.loads((out / "review.json").read_text())
    assert record["agreement"][0]["kappa"] == 0.5
    assert record["readers"]["B"] == {"keep": 1, "repair": 1, "discard": 1}
    rows = list(read_csv("review", out / "review.csv"))
    assert {row["remark"] for row in rows if row["structure"]} == {"cut, in two"}
    # The cohort can still be run: its own record is another file.
    assert command("run", tmp_path / "cohort.yaml", "-o", out)[0] == 0


def test_a_spreadsheet_may_part_by_semicolons(tmp_path):
    (tmp_path / "sample.json").write_text('{"schema": "sample/1", "cases": [{"case": "a"}]}')
    (tmp_path / "form.csv").write_text("\ufeff" + HEAD.replace(",", ";") + "a;A;;keep;fine\n")
    (row,) = read_filled(tmp_path, [tmp_path / "form.csv"], load_ontology())
    assert (row["decision"], row["remark"], row["structure"]) == ("keep", "fine", None)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_form_that_is_no_form_is_refused(tmp_path):
    write_form(tmp_path, [SampledCase("a", {})], 0, load_ontology())
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "long.csv").write_text(HEAD + "a,AB,,keep," + "x" * 200_000 + "\n")
    for name, words in (("pipe.csv", "it is a pipe"), ("long.csv", "cannot be read beyond line")):
        with pytest.raises(DiagnosticError, match=words):
            read_filled(tmp_path, [tmp_path / name], load_ontology())
    (tmp_path / "sample.json").write_text('{"schema": "sample/1", "cases": [{"name": "a"}]}')
    with pytest.raises(DiagnosticError, match="MEA014"):
        read_filled(tmp_path, [tmp_path / "long.csv"], load_ontology())
