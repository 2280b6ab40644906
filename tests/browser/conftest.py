"""One headless Chromium for all tests of pages, driven by Playwright; else they skip."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    # WebGL is drawn by the processor; there is no sandbox for root in a container.
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox",
)  # fmt: skip
PATIENCE_MS = 120_000
"""How long a page may take; a machine with much else to do may need long."""


def chromium() -> str | None:
    """Find a Chromium: the one that CHROMIUM names, or one on the path."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """A running Chromium."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium is found; `make browser` installs one")
    driver = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed here")
    with driver.sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=list(FLAGS), timeout=PATIENCE_MS)
        yield running
        running.close()


class Told:
    """What a page complained of."""

    def __init__(self, page) -> None:
        self.lines: list[str] = []
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.lines.append(f"exception: {error}"))
        page.on("requestfailed", lambda request: self.lines.append(f"failed: {request.url}"))
        page.on("dialog", lambda dialog: (self.lines.append("dialog"), dialog.dismiss()))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.lines.append(f"{kind}: {text}")


@contextmanager
def opening(browser) -> Iterator:
    """Give what opens addresses; in the end no page may have complained of anything."""
    opened: list[tuple] = []

    def open_at(address: str | Path, width: int = 1280, height: int = 900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        opened.append((context, Told(page)))
        page.goto(address.as_uri() if isinstance(address, Path) else address)
        return page

    yield open_at
    complaints = [line for _, told in opened for line in told.lines]
    for context, _ in opened:
        context.close()
    assert complaints == []


@pytest.fixture
def open_page(browser) -> Iterator:
    """Open an address for one test; see `opening`."""
    with opening(browser) as open_at:
        yield open_at


@pytest.fixture(scope="module")
def open_once(browser) -> Iterator:
    """Open an address for all tests of a file; see `opening`."""
    with opening(browser) as open_at:
        yield open_at


@pytest.fixture(scope="session")
def patience_ms() -> int:
    return PATIENCE_MS


@pytest.fixture(scope="session")
def follow():
    """Click what leads elsewhere, and wait until all of that is there, pictures too."""

    def follow(page, link) -> None:
        with page.expect_navigation():
            link.click()

    return follow


@pytest.fixture
def overflow_px():
    """Say how much wider a page is than its window."""
    return lambda page: page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
