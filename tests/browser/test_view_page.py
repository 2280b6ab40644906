"""The page of `vesalius view` in a browser: it draws, leads to findings, hides and shows."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from serving import scene_of, serving
from small_cohort import AFFINE, HOSTILE, save
from vesalius.adapters.view.file_scene import FileRequest, scene_of_file
from vesalius.adapters.view.legend import scheme_legend
from vesalius.adapters.view.pages import table_of
from vesalius.ontology.load import load_ontology, load_scheme


@pytest.fixture(scope="module")
def servers(ran):
    """Servers of two cases of the run."""
    with (
        serving(table_of(scene_of(ran / "out", "two"))) as two,
        serving(table_of(scene_of(ran / "out", HOSTILE))) as hostile,
    ):
        yield {"two": two.address, HOSTILE: hostile.address}


@pytest.fixture(scope="module")
def loaded(open_once, servers):
    """The page of `two`, in a small window: the processor draws every pixel."""
    page = open_once(servers["two"], 480, 520)
    page.wait_for_selector("body[data-ready]")
    return page


@pytest.fixture
def page(loaded):
    """That page, as it is at first."""
    choose(loaded, "after the rules")
    loaded.get_by_role("radio", name="all four").check()
    loaded.get_by_label("Opacity of labels").fill("60")
    loaded.get_by_label("Find by name").fill("")
    loaded.get_by_role("button", name="Show all").click()
    return loaded


def choose(page, title: str) -> None:
    """Show another label map, and wait until it is there."""
    page.get_by_label("Labels", exact=True).select_option(label=title)
    page.wait_for_selector("#map:enabled")


def go_to(page, *mm: float) -> None:
    """Type a position in."""
    for axis, value in zip("xyz", mm, strict=True):
        page.get_by_label(f"{axis}, mm").fill(f"{value}")
    page.get_by_role("button", name="Go there").press("Enter")


def drawn(page) -> np.ndarray:
    """Give what the canvas shows, shape (rows, columns, 3)."""
    return np.asarray(Image.open(BytesIO(page.locator("#canvas").screenshot())).convert("RGB"))


def coloured(picture: np.ndarray) -> int:
    """Count pixels that are no grey: labels."""
    return int((np.ptp(picture.astype(int), axis=2) > 30).sum())


def test_it_draws_the_ct_and_labels_that_can_be_hidden(page):
    first = drawn(page)
    assert coloured(first) > 2000
    page.get_by_role("button", name="Hide all").click()
    bare = drawn(page)
    assert coloured(bare) == 0
    # Soft tissue of 40 HU in the window from -250 to 450.
    grey = round(255 * 290 / 700)
    assert (np.abs(bare.astype(int) - grey).max(axis=2) <= 2).sum() > 2000
    page.get_by_role("checkbox", name="digestive").check()
    liver = coloured(drawn(page))
    assert 0 < liver < coloured(first)
    page.get_by_role("button", name="Show all").click()
    assert coloured(drawn(page)) == coloured(first)


def test_the_view_can_be_3d_alone(page):
    page.get_by_role("radio", name="3-D").check()
    solid = drawn(page)
    assert coloured(solid) > 2000
    page.get_by_label("Opacity of labels").fill("0")
    assert coloured(drawn(page)) == 0


def test_a_finding_and_a_typed_position_move_the_cross(page):
    page.get_by_role("button", name="2nd piece of 2").click()
    said = page.locator("#where")
    # The lowest, leftmost, hindmost voxel, of air in the CT.
    assert re.fullmatch(
        r"spleen \(1\), -1000 HU at 1\.0, 1\.0, 0\.0 mm, voxel 0, 11, 9", said.inner_text(), re.I
    )
    told = page.locator("#story-command").inner_text()
    assert told.endswith("out/two/report.json --at 0,11,9")
    assert told.startswith("vesalius explain ")
    go_to(page, 9, 5, 6)
    assert re.match(
        r"liver \(6\), 40 HU at 9\.0, 5\.0, 6\.0 mm, voxel 3, 3, 5", said.inner_text(), re.I
    )


def test_before_and_changed_can_be_shown(page):
    after = drawn(page)
    choose(page, "changed voxels alone")
    assert 0 < coloured(drawn(page)) < coloured(after)
    assert page.get_by_text("had another structure before").is_visible()
    choose(page, "before the rules")
    go_to(page, 3, 5, 6)
    assert page.locator("#where").inner_text().lower().startswith("liver (6), 40 hu")


def test_structures_are_found_by_name(page):
    page.get_by_label("Find by name").fill("LIV")
    assert page.locator(".group li:visible label").all_inner_texts() == ["liver"]
    assert page.locator("#filtered").inner_text() == "1 structure"


def test_a_hostile_name_is_a_name_and_all_fits(open_page, servers, overflow_px):
    page = open_page(servers[HOSTILE], color_scheme="dark", reduced_motion="reduce")
    page.wait_for_selector("body[data-ready]")
    assert page.get_by_role("heading", level=1).inner_text() == f"{HOSTILE}: kept"
    assert page.locator("script").count() == 2
    assert overflow_px(page) == 0
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")
    assert overflow_px(page) == 0
    assert coloured(drawn(page)) > 2000


def test_without_a_graphics_card_the_page_says_that_it_is_slow(page):
    assert page.get_by_text("This browser draws without a graphics card").is_visible()


def test_the_keyboard_passes_through_the_drawing_to_every_control(page):
    page.locator("#canvas").focus()
    assert page.evaluate("document.activeElement.id") == "canvas"
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
    # A group of choices is one stop.
    assert reached == ["view-0", "map", "beside", "opacity", "window", "x", "y", "z", "submit"]
    page.locator("#findings button").focus()
    page.keyboard.press("Enter")
    assert page.locator("#where").inner_text().endswith("voxel 0, 11, 9")


def test_every_control_has_a_name(page):
    nameless = """() => Array.from(document.querySelectorAll('input, select, button, canvas'))
        .filter(e => !e.labels?.length && !e.textContent.trim() && !e.ariaLabel)
        .map(e => e.outerHTML)"""
    assert page.evaluate(nameless) == []
    ids = page.evaluate("Array.from(document.querySelectorAll('[id]')).map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_without_webgl_the_rest_is_there(browser, servers, patience_ms):
    page = browser.new_page()
    page.set_default_timeout(patience_ms)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(servers["two"])
    page.get_by_text("It cannot be shown: this browser has no WebGL 2").wait_for()
    assert page.get_by_role("button", name="2nd piece of 2").is_visible()
    page.close()


def test_every_number_of_a_long_legend_has_its_own_colour(open_page, tmp_path):
    """Without a CT, and with what the scheme lists first beside nothing."""
    ontology = load_ontology()
    rows = scheme_legend(load_scheme("totalsegmentator_v2", ontology), ontology).rows
    assert len(rows) > 110
    labels = np.zeros((30, 30, 3), np.uint8)
    labels[1:, 1:, 1] = (np.arange(29 * 29).reshape(29, 29) // 7 + 1) % 120
    save(tmp_path / "seg.nii.gz", labels)
    scene, _ = scene_of_file(FileRequest(tmp_path / "seg.nii.gz", "totalsegmentator_v2"))
    with serving(table_of(scene)) as server:
        page = open_page(server.address, 480, 520)
        page.wait_for_selector("body[data-ready]")
        page.get_by_label("Opacity of labels").fill("100")
        go_to(page, *(AFFINE @ [15, 15, 1, 1])[:3])
        page.get_by_role("radio", name="coronal").check()
        page.evaluate("state.viewer.setCrosshairWidth(0)")
        pixels = drawn(page).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    # Letters at the edges have their own few pixels.
    seen = {tuple(map(int, rgb)) for rgb, n in zip(colours, counts, strict=True) if n > 20}
    integers = {row.integer for row in rows}
    shown = {int(n) for n in np.unique(labels) if n}
    wanted = {row.rgb for row in rows if row.integer in shown}
    if shown - integers:
        wanted.add(rows[-1].rgb)
    assert seen == wanted | {(0, 0, 0)}


def test_two_label_maps_stand_beside_each_other(page, patience_ms):
    """The same place in both, whichever is moved; what is hidden is hidden in both."""
    alone = drawn(page)
    page.get_by_label("Beside them").select_option(label="before the rules")
    page.wait_for_selector("#beside:enabled", timeout=patience_ms)
    other = page.locator("#beside-canvas")

    def beside() -> np.ndarray:
        return np.asarray(Image.open(BytesIO(other.screenshot())).convert("RGB"))

    go_to(page, *(AFFINE @ [3, 9, 5, 1])[:3])
    # A rule took the piece of liver that the cross is on; it is there before.
    assert coloured(beside()) > 0
    assert not np.array_equal(beside(), drawn(page))
    crosses = page.evaluate(
        "[state.viewer, state.beside].map((v) => Array.from(v.scene.crosshairPos))"
    )
    assert crosses[0] == crosses[1]
    page.get_by_role("button", name="Hide all").click()
    assert coloured(beside()) == coloured(drawn(page)) == 0
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("radio", name="axial").check()
    assert page.evaluate("state.beside.opts.sliceType === state.viewer.opts.sliceType")
    page.get_by_role("radio", name="all four").check()
    page.get_by_label("Beside them").select_option(label="nothing")
    page.wait_for_selector("#beside:enabled", timeout=patience_ms)
    assert not other.is_visible()
    assert drawn(page).shape == alone.shape


def test_a_single_map_has_nothing_beside_it(open_page, tmp_path):
    values = np.random.default_rng(2).gamma(4.0, 60.0, (7, 12, 10)).astype(np.int16)
    labels = np.zeros((7, 12, 10), np.uint8)
    labels[2:5, 2:9, 2:8] = 6
    save(tmp_path / "seg.nii.gz", labels)
    save(tmp_path / "mr.nii.gz", values)
    scene, _ = scene_of_file(FileRequest(tmp_path / "seg.nii.gz", "amos22", tmp_path / "mr.nii.gz"))
    with serving(table_of(scene)) as server:
        page = open_page(server.address, 480, 520)
        page.wait_for_selector("body[data-ready]")
        assert not page.get_by_label("Beside them").is_visible()
        # An image that is no CT has no window of Hounsfield units, and its own values.
        assert not page.get_by_label("Window of the CT").is_visible()
        go_to(page, *(AFFINE @ [3, 5, 5, 1])[:3])
        assert f", value {values[3, 5, 5]} at" in page.locator("#where").inner_text()
        page.get_by_role("button", name="Hide all").click()
        grey = drawn(page).astype(int)
        assert coloured(grey) == 0
        assert len(np.unique(grey)) > 50
