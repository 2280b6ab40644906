"""Texts of diagnostics kept word for word, one file each, and the pages of their codes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from vesalius.adapters.code_pages import code_page, code_pages
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.render import render_human

Makers = Mapping[str, list[Callable[..., object]]]


def listed(*tables: Makers) -> list[tuple[str, Callable[..., object]]]:
    """Give every maker with its code."""
    return [(code, maker) for table in tables for code, makers in table.items() for maker in makers]


def refused(maker: Callable[..., object], case: object) -> tuple[Diagnostic, ...]:
    """Give what a maker is refused with."""
    with pytest.raises(DiagnosticError) as raised:
        maker(case)
    return raised.value.diagnostics


def compare(
    folder: Path, code: str, maker: Callable[..., object], found: Iterable[Diagnostic]
) -> None:
    """Hold the text of diagnostics against the file; `VESALIUS_UPDATE_GOLDEN=1` writes it anew."""
    found = list(found)
    assert {d.code for d in found} == {code}
    text = render_human(found)
    path = folder / f"{code}-{maker.__name__}.txt"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def codes_of(prefix: str) -> list[str]:
    """Give the codes that begin with some letters, by their pages."""
    return sorted(code for code in code_pages() if code[:-3] == prefix)


def check_all_kept(folder: Path, codes: Iterable[str], *tables: Makers) -> None:
    """Every code has a maker, and every file is that of one."""
    assert {code for code, _ in listed(*tables)} == set(codes)
    assert sorted(p.stem for p in folder.iterdir()) == sorted(
        f"{code}-{maker.__name__}" for code, maker in listed(*tables)
    )


def check_page(code: str) -> None:
    """The page of a code begins with a title, and is short."""
    lines = code_page(code).splitlines()
    assert re.fullmatch(rf"# {code}: [^`.]+", lines[0])
    assert "## Example" in lines
    assert "## How to mend" in lines
    assert len(lines) <= 16
