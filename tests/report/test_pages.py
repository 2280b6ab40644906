"""The index and the pages of cases, as a browser would read them."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest

from calling import call_vesalius
from page_reader import Page
from vesalius.adapters.report.record import read_record
from vesalius.adapters.report.slices import CHANGED_RGB
from vesalius.adapters.report.write_pages import write_pages


@pytest.fixture(scope="module")
def index(pages) -> Page:
    return Page(pages / "index.html")


@pytest.fixture(scope="module")
def case(pages, index):
    """Give the page of a case, found through the index."""
    return lambda name: Page(pages / next(href for href, text in index.links if text == name))


def test_the_verdict_comes_first_and_says_why(index):
    assert index.headings[:2] == ["Cohort small", "Verdict"]
    assert [word for word in index.headings if word.endswith("why")] == [
        "Failed, and why", "To review, and why", "What was skipped, and why",
    ]  # fmt: skip
    tiles = index.text[: index.text.index("Failed, and why")]
    assert re.findall(r"(\d+) (kept|to review|excluded|failed)", tiles) == [
        ("2", "kept"), ("1", "to review"), ("0", "excluded"), ("1", "failed"),
    ]  # fmt: skip
    assert "broken: this is a text file, not a NIfTI file" in index.text
    assert "two: all/one-spleen: spleen: 2nd piece of 2" in index.text


def test_of_many_reasons_the_gravest_are_told_and_all_are_on_the_page_of_the_case(copied):
    record = read_record(copied / "out")
    many = ("all/women: a", "all/one-liver: b", "all/one-spleen: c", "all/two: d", "all/three: e")
    cases = tuple(
        replace(case, why=many) if case.name in ("two", "broken") else case for case in record.cases
    )
    write_pages(replace(record, cases=cases), copied / "pages")
    index = Page(copied / "pages/index.html")
    page = next(href for href, text in index.links if text == "two")
    assert [href for href, text in index.links if text == "2 more"] == [page]
    told = index.text.partition("To review, and why")[2].partition("Cases, the worst first")[0]
    # The rule of the worst finding comes first; nothing else remains of the others.
    assert re.findall(r"all/[a-z-]+: [a-e]", told) == [many[2], many[0], many[1]]
    # A case without a page tells all it has here.
    failed = index.text[index.text.index("Failed, and why") : index.text.index("To review, and")]
    assert sorted(re.findall(r"all/[a-z-]+: [a-e]", failed)) == sorted(many)
    assert all(each in Page(copied / "pages" / page).text for each in many)


def test_the_table_has_every_case_the_worst_first(index, hostile):
    _, *rows = index.rows["cases"]
    assert [row[:3] for row in rows] == [
        ["broken", "failed", ""], ["two", "to review", "1"], [hostile, "kept", "0"],
        ["good", "kept", "0"],
    ]  # fmt: skip
    # Two thousandths of a millilitre: one voxel of 2 x 1 x 1 mm.
    values = [a["data-value"] for tag, a in index.tags if tag == "td" and "data-value" in a]
    assert values == ["0", "2", "0.002", "5", "0.002", "5", "0.0"]


def test_the_heat_map_has_the_rules_that_acted(index, hostile):
    assert index.rows["heat"] == [
        ["Case", "all/one-liver", "all/one-spleen"],
        ["two", "c", "E1"],
        [hostile, "c", ""],
        ["good", "", ""],
    ]
    assert "Rules that found nothing anywhere: 2, not shown" in index.text


def test_a_long_reason_is_short_in_its_cell_and_whole_in_the_table(copied):
    why = "too few voxels to compare: " + ", ".join(f"vertebrae_C{n}" for n in range(1, 30))
    record = read_record(copied / "out")
    cases = tuple(
        replace(case, rules={rule: replace(cell, remains=0, reason=why)
                             if rule == "all/one-spleen" and case.name == "good" else cell
                             for rule, cell in case.rules.items()})
        for case in record.cases
    )  # fmt: skip
    write_pages(replace(record, cases=cases), copied / "pages")
    index = Page(copied / "pages/index.html")
    (told,) = (a["title"] for tag, a in index.tags if "could not judge" in a.get("title", ""))
    assert told.startswith("could not judge: too few voxels to compare: vertebrae_C1, ")
    assert told.endswith(" …")
    assert len(told) <= 120
    *_, skipped = index.rows.values()
    assert ["all/one-spleen", why, "1"] in skipped


def test_what_was_skipped_and_how_to_repeat_it(index):
    assert "Cases that were not selected: 1 of 5" in index.text
    assert "unwanted: excluded by name" in index.text
    *_, skipped = index.rows.values()
    assert skipped[1:] == [["all/women", "unknown: the case does not say sex", "3"]]
    assert "vesalius run cohort.yaml -o out" in index.text


def test_nothing_from_outside_is_a_tag_and_only_the_own_script_may_run(pages, hostile):
    for path in pages.iterdir():
        page = Page(path)
        scripts = re.findall(r"<script>(.*?)</script>", path.read_text(), re.DOTALL)
        assert [tag for tag, _ in page.tags].count("script") == len(scripts) == 1
        digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
        (policy,) = (a["content"] for tag, a in page.tags
                     if a.get("http-equiv") == "Content-Security-Policy")  # fmt: skip
        assert f"script-src 'sha256-{digest}'" in policy
        assert policy.startswith("default-src 'none'")
        for _, attributes in page.tags:
            address = attributes.get("src") or attributes.get("href") or ""
            assert not re.match(r"(?i)(https?:|//|javascript:)", address)
            assert not [name for name in attributes if name.startswith("on")]
    assert f"{hostile}: kept" in Page(pages / "case-0003.html").headings


def test_every_link_leads_somewhere(pages):
    found = {path.name: Page(path) for path in pages.iterdir()}
    assert len(found) == 4
    for name, page in found.items():
        assert len(page.ids) == len(set(page.ids))
        for href, _ in page.links:
            file, _, place = href.partition("#")
            assert not place or place in found[file or name].ids
            assert not file or file in found


def test_a_finding_leads_to_the_slices_where_it_is(case):
    page = case("two")
    # Voxel (0, 11, 9) of axes (S, L, P): the lowest, leftmost, hindmost corner of the scan.
    assert page.rows["Findings that remain"][1][1] == "1, 1, 0"
    (place,) = [href for href, _ in page.links if href.startswith("#place")]
    assert place[1:] in page.ids
    assert "voxel 0, 11, 9" in page.text
    assert "--at 0,11,9" in page.text
    rings = [a["style"] for tag, a in page.tags if a.get("class") == "ring"]
    # Left and top in percent: half a voxel from the edge of 12 (left), 10 (back), 7 (foot).
    assert rings == [
        "left: 95.83%; top: 92.86%", "left: 95.00%; top: 92.86%", "left: 95.83%; top: 95.00%",
    ]  # fmt: skip


def test_slices_before_and_after_and_what_changed(case, hostile):
    page = case(hostile)
    (before,) = page.images["coronal slice, before the rules"]
    (after,) = page.images["coronal slice, after the rules"]
    (changed,) = page.images["coronal slice, changed voxels marked"]
    assert before.shape == (7, 12, 3)  # rows to the foot, columns to the patient's left
    at = (before != after).any(axis=-1)
    assert np.argwhere(at).tolist() == [[3, 9]]
    assert np.array_equal((changed == CHANGED_RGB).all(axis=-1), at)
    assert np.array_equal(after[3, 9], after[3, 8])  # spleen, as around it
    assert np.array_equal(before[3, 9], before[3, 2])  # liver, as on the other side


def test_a_case_that_nothing_changed_is_the_same_before_and_after(case):
    page = case("good")
    (before,) = page.images["axial slice, before the rules"]
    (after,) = page.images["axial slice, after the rules"]
    assert np.array_equal(before, after)
    assert "0 voxels have another structure" in page.text
    assert before.any()


def test_a_single_case(ran, tmp_path):
    done = call_vesalius("report", "out/two", "-o", tmp_path / "p", cwd=ran)
    assert done.returncode == 0
    page = Page(tmp_path / "p/index.html")
    assert page.headings[0] == "Case two"
    command = next(line for line in page.text.splitlines() if line.startswith("vesalius run"))
    assert command == (
        "vesalius run -i images/two.nii.gz -p amos22=preds/two.nii.gz -t amos22 --rules rules.yaml"
        " -o out/two"
    )


def test_the_story_of_a_finding_is_that_which_explain_tells(case, ran):
    head, *rows = case("two").rows["story"]
    assert head == ["Who", "Name", "What it says"]
    assert rows[0][:2] == ["source", "amos22"]
    told = call_vesalius("explain", "out/two", "--at", "0,11,9", cwd=ran).stdout
    words = " ".join(told.split())
    assert "This voxel is now spleen (1)." in case("two").text
    assert [
        row for row in rows if " ".join(row[2].partition("rules.yaml")[0].split()) not in words
    ] == []
    assert len(rows) == len(
        [line for line in told.splitlines()[1:] if line[2] != " " and line[2].isalpha()]
    )


def test_the_page_of_a_case_says_how_to_open_it_in_the_browser(case, copied, hostile):
    assert "vesalius view out two" in case("two").text
    assert f"vesalius view out '{hostile}'" in case(hostile).text
    call_vesalius("report", "out/two", "-o", "single", cwd=copied)
    assert "vesalius view out/two\n" in Page(copied / "single/case-0001.html").text
