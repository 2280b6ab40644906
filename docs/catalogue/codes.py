"""A page per diagnostic, as `vesalius explain` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from catalogue.markup import code, escaped, heading, link, table
from catalogue.page import Page, code_path, entry_page, index_path, list_page
from vesalius.adapters.code_pages import code_pages

AREAS = {
    "API": "From Python",
    "CLI": "The command line",
    "CMP": "Compiling",
    "COH": "Cohorts",
    "EXP": "Explaining voxels",
    "IO": "Files",
    "MEA": "Measuring",
    "NNU": "nnU-Net",
    "ONT": "Structures",
    "PHA": "The phantom",
    "PIC": "Pictures of tests",
    "PRJ": "Projects",
    "RUL": "Rules",
    "RUN": "Running",
    "SCH": "Schemes",
    "SEL": "Selectors",
    "STR": "Self-training",
    "YML": "YAML",
}


def diagnostic_pages() -> Iterator[Page]:
    """Write the page of each code, and their list."""
    titles: dict[str, str] = {}
    for word, path in code_pages().items():
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        titles[word] = first.removeprefix("#").partition(":")[2].strip()
        title = f"{word}: {titles[word]}"
        yield entry_page(code_path(word), "codes", title, [rest.strip()], boost=2)
    here = index_path("codes")
    lines = ["Every message has a code; `vesalius explain CODE` prints its page.", ""]
    for area, words in groupby(sorted(titles), key=lambda word: word.rstrip("0123456789")):
        lines += heading(2, AREAS.get(area, area), searched=False)
        rows = ((link(here, code_path(w), code(w)), escaped(titles[w])) for w in words)
        lines += table(["code", "what it says"], rows)
    yield list_page(here, "Diagnostics", lines)
