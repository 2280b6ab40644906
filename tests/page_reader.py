"""Reads a page as a browser does: tags, links, rows of tables, pictures."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image


class Page(HTMLParser):
    """A page taken apart."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.rows: dict[str, list[list[str]]] = {}
        self.headings: list[str] = []
        self.text = ""
        self.images: dict[str, list[np.ndarray]] = {}
        self._table, self._open, self._link = "", [], None
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self._open.append(tag)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self._link = attrs["href"]
            self.links.append((attrs["href"], ""))
        elif tag == "table":
            self._table = attrs.get("id") or attrs.get("class") or self.headings[-1]
            self.rows[self._table] = []
        elif tag == "tr":
            self.rows[self._table].append([])
        elif tag in ("td", "th"):
            self.rows[self._table][-1].append("")
        elif tag in ("h1", "h2", "h3"):
            self.headings.append("")
        elif tag == "img":
            assert attrs["alt"]
            kind, _, data = attrs["src"].partition(",")
            assert kind == "data:image/png;base64"
            picture = np.asarray(Image.open(BytesIO(base64.b64decode(data))))
            self.images.setdefault(attrs["alt"], []).append(picture)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass
        if tag == "a":
            self._link = None

    def handle_data(self, data):
        if "script" in self._open or "style" in self._open:
            return
        self.text += data
        if "table" in self._open and ("td" in self._open or "th" in self._open):
            self.rows[self._table][-1][-1] += data.strip()
        if self._open and any(h in self._open for h in ("h1", "h2", "h3")):
            self.headings[-1] += data
        if self._link is not None:
            href, text = self.links[-1]
            self.links[-1] = (href, text + data)
