"""The pages of a report in a browser: they load, sort, filter, lead to slices, and fit."""

from __future__ import annotations

import itertools

import pytest

from small_cohort import HOSTILE

CASES = ["broken", "two", HOSTILE, "good"]


@pytest.fixture
def index(open_page, pages):
    return lambda **options: open_page(pages / "index.html", **options)


def shown(page) -> list[str]:
    return page.locator("#cases tbody tr:visible th").all_inner_texts()


def test_the_table_sorts_by_a_click_and_by_the_keyboard(index):
    page = index()
    assert shown(page) == CASES
    errors = page.get_by_role("button", name="Errors")
    errors.click()
    # What has no figure comes last, whichever way.
    assert shown(page) == [HOSTILE, "good", "two", "broken"]
    head = page.locator("#cases th", has=errors)
    assert head.get_attribute("aria-sort") == "ascending"
    errors.focus()
    page.keyboard.press("Enter")
    assert shown(page) == ["two", HOSTILE, "good", "broken"]
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Case", exact=True).click()
    assert head.get_attribute("aria-sort") is None
    assert shown(page) == sorted(CASES)


def test_the_table_filters_by_words_and_verdict_and_says_how_many(index):
    page = index()
    page.get_by_label("Filter by any word").fill("SPLEEN")
    assert shown(page) == ["two"]
    assert page.get_by_role("status").inner_text() == "1 of 4 cases"
    page.get_by_label("Filter by any word").fill("<script>")
    assert shown(page) == [HOSTILE]
    page.get_by_label("Filter by any word").fill("")
    page.get_by_role("combobox", name="Verdict").select_option(label="kept")
    assert shown(page) == [HOSTILE, "good"]


def test_a_name_that_looks_like_a_script_is_a_name(index, follow):
    page = index()
    assert page.locator("script").count() == 1
    follow(page, page.get_by_role("link", name=HOSTILE).first)
    assert page.get_by_role("heading", level=1).inner_text() == f"{HOSTILE}: kept"
    assert page.title() == f"{HOSTILE}: report"


def test_a_finding_opens_its_slices_and_its_story(index, follow):
    page = index()
    follow(page, page.get_by_role("link", name="two").first)
    follow(page, page.get_by_role("link", name="slices at 1, 1, 0 mm"))
    place = page.locator(".place:target")
    assert place.locator("img").count() == 3
    for picture in place.locator("img").all():
        assert picture.evaluate("image => image.naturalWidth") > 0
    top = place.evaluate("e => e.getBoundingClientRect().top")
    # A scroll ends at whole pixels.
    assert -1 < top < 900
    story = place.get_by_text("--at 0,11,9")
    assert not story.is_visible()
    place.locator("summary").click()
    assert story.is_visible()
    assert place.locator(".story tbody tr").count() >= 3


def test_no_page_is_wider_than_the_window_and_the_dark_is_dark(index, pages, overflow_px):
    page = index()
    grounds = {}
    for path in sorted(pages.glob("*.html")):
        page.goto(path.as_uri())
        for width, scheme in ((1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert overflow_px(page) == 0, (path.name, width)
            colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds.setdefault(scheme, set()).add(sum(map(int, colour[4:-1].split(","))))
    assert min(grounds["light"]) > 600
    assert max(grounds["dark"]) < 150


def test_the_keyboard_comes_to_the_content_first_and_to_every_wide_table(index):
    page = index()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.wide[aria-labelledby=heat]')"):
            break
    assert page.evaluate("document.activeElement.matches('.wide[aria-labelledby=heat]')")


def test_long_words_wrap_on_a_narrow_page(index, overflow_px):
    """Paths of files have no blank to break at."""
    page = index(width=390)
    page.evaluate(
        "for (const each of document.querySelectorAll("
        "'ul:not([class]) li, p, summary, h1, h3, dd, pre')) each.append('/path'.repeat(60))"
    )
    assert overflow_px(page) == 0


def accessible(page) -> list[tuple[str, str]]:
    """What a screen reader is told of: roles and names, in the order of the page."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    told = [node for node in nodes if not node.get("ignored")]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in told]


def test_all_that_is_reached_has_a_name_and_landmarks_are_told_apart(index, pages):
    page = index()
    for path in sorted(pages.glob("*.html")):
        page.goto(path.as_uri())
        told = accessible(page)
        wanted = ("button", "link", "searchbox", "combobox", "image", "table", "region", "group")
        nameless = [role for role, name in told if role in wanted and not name.strip()]
        # Groups without a name are those that open and close; their summaries are read.
        assert set(nameless) <= {"group"}, path.name
        landmarks = [name for role, name in told if role == "region"]
        assert len(landmarks) == len(set(landmarks)) > 0
        assert not page.locator("th:not([scope])").count()
        levels = page.evaluate(
            "Array.from(document.querySelectorAll('h1,h2,h3'), each => Number(each.tagName[1]))"
        )
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert max(b - a for a, b in itertools.pairwise(levels)) == 1


def test_tab_goes_through_the_page_in_its_order_and_is_seen(index):
    page = index()
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(() => { const e = document.activeElement, top = e.getBoundingClientRect().top;"
                " const line = getComputedStyle(e).outlineStyle;"
                " return [e.id || e.textContent.trim(), line, top]; })()"
            )
        )
    assert seen[0][0] == "To the content"
    names = [name for name, _, _ in seen]
    assert names.index("filter-text") + 1 == names.index("filter-word")
    assert {style for _, style, _ in seen} == {"solid"}
    tops = [top for _, _, top in seen[1:]]
    assert tops == sorted(tops)


def test_on_paper_nothing_is_cut_off_or_hidden_and_heads_are_repeated(index, tmp_path):
    page = index()
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    assert (
        page.locator("th button").first.evaluate("e => getComputedStyle(e).display") == "contents"
    )
    closed = page.locator("details.chart:not([open])").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.chart:not([open])").count() == 0
    cut = page.evaluate(
        "Array.from(document.querySelectorAll('.wide, .plot'))"
        ".filter(e => getComputedStyle(e).overflowX !== 'visible').length"
    )
    assert cut == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.chart:not([open])").count() == closed > 0
    page.emulate_media(media="screen", color_scheme="dark")
    file = page.pdf(prefer_css_page_size=True)
    assert file.startswith(b"%PDF")
