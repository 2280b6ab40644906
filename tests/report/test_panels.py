"""Panels over all cases: what is missing, outliers, sides, and where sources differ."""

from __future__ import annotations

import re

import numpy as np
import pytest

from calling import call_vesalius
from page_reader import Page
from vesalius.adapters.report.charts import Strip, boxes_svg, strips_svg
from vesalius.adapters.report.cohort_panels import Panels
from vesalius.adapters.report.cohort_panels import outliers as far_off
from vesalius.adapters.report.record import CaseRecord
from vesalius.adapters.report.settings import SHIPPED, report_settings
from vesalius.ontology.load import load_ontology

ABDOMEN = ("liver", "spleen", "pancreas", "stomach", "kidney_left", "kidney_right")


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


def case(name, volumes=None, told=None):
    volumes = dict.fromkeys(ABDOMEN, 100.0) if volumes is None else volumes
    return CaseRecord(name, "keep", volumes_ml=volumes, told_ml=told or {})


def panels(ontology, *cases, cut=None, settings=None):
    pages = {each.name: f"{each.name}.html" for each in cases}
    return Panels(cases, pages, cut or {}, ontology, settings or report_settings()).context()


def outliers(of, **changed):
    return far_off(of, report_settings().outliers.model_copy(update=changed))


def test_a_structure_is_missing_only_where_its_region_is_in_view(ontology):
    whole = dict.fromkeys((*ABDOMEN, "brain", "aorta", "duodenum", "gallbladder"), 50.0)
    lacks = {**whole}
    del lacks["liver"]
    head = {"brain": 1300.0}
    found = panels(ontology, case("a", whole), case("b", lacks), case("c", head))["field"]
    assert found["missing"] == [("liver", ["b"])]
    at = found["regions"].index("abdomen")
    cells = {name: cells[at] for name, _, cells, _ in found["rows"]}
    assert [cells[name][0] for name in "abc"] == ["holds", "warning", "none"]
    assert cells["b"][2] == "in view, 1 missing"


def test_an_outlier_is_named_and_seven_values_have_none():
    values = [(f"c{n}", 100.0 + n) for n in range(12)]
    assert outliers([*values, ("far", 1000.0)]) == [("far", 1000.0)]
    assert outliers([*values, ("far", 9.0), ("further", 1.0)]) == [("further", 1.0), ("far", 9.0)]
    assert not outliers([*values[:6], ("far", 1000.0)])
    assert not outliers([(f"c{n}", 100.0) for n in range(9)])


def test_how_many_and_how_far_is_as_the_settings_say():
    """Logarithms 0 to 6: the middle is 3, the median deviation 2; 6 lies 3 / (2 * 1.4826) off."""
    values = [(f"c{n}", 2.718281828459045**n) for n in range(7)]
    assert not outliers(values, deviations=1.0)
    assert len(outliers(values, deviations=1.0, least_cases=7)) == 2
    assert not outliers(values, deviations=1.02, least_cases=7)


@pytest.mark.parametrize(("share", "others", "missing"), [
    (0.5, 3, True), (0.51, 3, False), (0.5, 4, True), (0.5, 5, False),
])  # fmt: skip
def test_what_is_in_view_is_as_the_settings_say(ontology, share, others, missing):
    """Of five structures of the abdomen `b` has two, so half of those besides the liver."""
    names = ("liver", "spleen", "pancreas", "stomach", "duodenum")
    whole, some = dict.fromkeys(names, 50.0), dict.fromkeys(names[1:3], 50.0)
    shipped = report_settings()
    view = shipped.field_of_view.model_copy(update={"in_view_share": share, "least_others": others})
    settings = shipped.model_copy(update={"field_of_view": view})
    found = panels(ontology, case("a", whole), case("b", some), settings=settings)["field"]
    assert ("liver" in dict(found["missing"])) is missing


def test_settings_are_read_from_a_file_and_refused_where_they_make_no_sense(copied):
    text = SHIPPED.read_text()
    (copied / "mine.yaml").write_text(text.replace("deviations: 4.0", "deviations: 2.5"))
    words = ("report", "out", "-o", "pages", "--settings", "mine.yaml")
    assert call_vesalius(*words, cwd=copied).returncode == 0
    assert "2.5 robust deviations" in Page(copied / "pages/index.html").text
    (copied / "mine.yaml").write_text(text.replace("in_view_share: 0.8", "in_view_share: 80"))
    done = call_vesalius(*words, cwd=copied)
    assert done.returncode == 2
    assert "mine.yaml:5:18" in done.stderr
    (copied / "mine.yaml").write_text(text.replace("in_view_share: 0.8", "in_vew_share: 0.8"))
    assert "in_view_share" in call_vesalius(*words, cwd=copied).stderr


def test_volumes_leave_out_what_is_cut_and_sides_are_compared(ontology):
    cases = [case(f"c{n}", {"kidney_left": 150.0 + n, "kidney_right": 100.0}) for n in range(12)]
    cases.append(case("odd", {"kidney_left": 20.0, "kidney_right": 100.0}))
    cut = {"c3": frozenset({"kidney_left"})}
    found = panels(ontology, *cases, cut=cut)
    (chart,) = found["volumes"]
    left = next(row for row in chart["rows"] if row.name == "kidney left")
    assert len(left.values) == 12
    assert left.outliers == [("odd", 20.0)]
    assert left.usual == tuple(ontology.get("kidney_left", "volume_ml"))
    (pair,) = found["sides"]["rows"]
    assert pair.name == "kidney"
    assert min(pair.values) == pytest.approx(0.2)
    assert [name for name, _ in pair.outliers] == ["odd"]
    assert 'xlink:href="odd.html"' in found["sides"]["svg"]


def test_where_sources_differ_the_worst_case_is_named(ontology):
    told = {("one", "liver"): 100.0, ("two", "liver"): 90.0, ("two", "spleen"): 9.0}
    worse = {("one", "liver"): 40.0, ("two", "liver"): 100.0}
    found = panels(ontology, case("a", told=told), case("b", told=worse))["disagreement"]
    (row,) = found
    assert (row["structure"], row["cases"], row["case"]) == ("liver", 2, "b")
    assert (row["least"], row["median"]) == pytest.approx((0.4, 0.65))
    assert row["who"] == "one has 40% of what two has"


def test_a_plot_takes_the_colours_of_the_page_and_escapes_names():
    rows = [Strip("<b>liver", [1.0, 2.0, 3.0], (0.5, 5.0), [("<script>x", 3.0), ("$a_b$", 1.0)])]
    svg = strips_svg(rows, "A <title>", "ml", {"<script>x": "case-0001.html"})
    assert "<script>" not in svg
    assert "&lt;script&gt;x" in svg
    assert "$a_b$" in svg
    assert "A &lt;title&gt;" in svg
    assert not re.findall(r"#[0-9a-f]{6}(?![0-9a-f-])", svg)
    assert "var(--ink)" in svg
    assert strips_svg(rows, "A <title>", "ml", {}) == strips_svg(rows, "A <title>", "ml", {})


def test_two_plots_of_a_page_share_no_name():
    values = list(np.linspace(1, 2, 9))
    one, other = (strips_svg([Strip("a", values)], title, "ml", {}) for title in ("one", "two"))
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', other))


def test_boxes_lie_over_each_other_and_warn_of_nothing():
    svg = boxes_svg({"first": [1.0, 2.0, 9.0], "second": [4.0, 5.0]}, "A title", "bits")
    places = dict.fromkeys(("first", "second", "bits"))
    for x, y, said in re.findall(r'x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        places[said] = (float(x), float(y))
    assert places["first"][0] == places["second"][0] < places["bits"][0]
    assert places["first"][1] < places["second"][1] < places["bits"][1]


def test_the_index_has_the_panels(pages):
    page = Page(pages / "index.html")
    wanted = ["Missing structures and the field of view", "Volumes", "Left and right",
              "Where sources differ"]  # fmt: skip
    assert [heading for heading in page.headings if heading in wanted] == wanted
    assert "No structure is painted by more than one source." in page.text
