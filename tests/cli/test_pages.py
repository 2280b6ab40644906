"""The pages of `explain` keep to the width of a terminal; names and pictures stay whole."""

from __future__ import annotations

import textwrap

import pytest

from vesalius.adapters.cli.markdown import markdown_lines
from vesalius.adapters.cli.structure_page import scheme_page, structure_page
from vesalius.adapters.cli.terminal import beside
from vesalius.adapters.code_pages import code_page, code_pages
from vesalius.ontology.load import load_ontology, load_scheme, scheme_paths

WIDTHS = (40, 60, 80, 100)


@pytest.fixture(scope="module")
def ontology():
    return load_ontology()


def words(text: str) -> list[str]:
    return text.split()


def check(text: str, whole: str, width: int) -> None:
    """The same words, in lines that are too long only where one word is."""
    assert words(text) == words(whole)
    for line in text.splitlines():
        assert len(line) <= width or len(words(line)) == 1, line


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["liver", "vertebrae_T12", "vertebral_column", "femur_left"])
def test_structures(ontology, name, width):
    check(structure_page(name, ontology, width), structure_page(name, ontology), width)


@pytest.mark.parametrize("width", WIDTHS)
def test_schemes(ontology, width):
    for name in scheme_paths():
        scheme = load_scheme(name, ontology)
        page = scheme_page(scheme, width)
        # Where columns do not fit, an equals sign stands between class and structure.
        whole = [w for w in words(scheme_page(scheme)) if w != "="]
        assert [w for w in words(page) if w != "="] == whole
        for line in page.splitlines():
            assert len(line) <= width or len(words(line)) == 1, line


@pytest.mark.parametrize("width", WIDTHS)
def test_codes(width):
    for code in code_pages():
        page = code_page(code)
        lines = markdown_lines(page, width)
        assert words("\n".join(lines)) == words(page)
        examples = [part for number, part in enumerate(page.split("```")) if number % 2]
        kept = [part for number, part in enumerate("\n".join(lines).split("```")) if number % 2]
        assert kept == examples


def test_a_pipe_gets_a_code_page_as_it_is_written(vesalius):
    page = code_page("COH009")
    assert vesalius("explain", "COH009", COLUMNS="40").stdout == page.rstrip("\n") + "\n"
    assert "\n".join(markdown_lines(page, None)) == page.rstrip("\n")


def test_markdown():
    text = """\
        # A head that is somewhat longer

        One paragraph in
        two lines.

        Term
        : What it means, in more words than fit.
        - an item, in more words than fit here
        - another
        1. first

            an example is never, not at all, set anew

        ```
        # nor is this, which is as long as that
        ```
        """
    assert markdown_lines(textwrap.dedent(text), 24) == [
        "# A head that is",
        "somewhat longer",
        "",
        "One paragraph in two",
        "lines.",
        "",
        "Term",
        ": What it means, in more",
        "  words than fit.",
        "- an item, in more words",
        "  than fit here",
        "- another",
        "1. first",
        "",
        "    an example is never, not at all, set anew",
        "",
        "```",
        "# nor is this, which is as long as that",
        "```",
    ]


def test_beside():
    assert beside("  head  ", "one two three", None) == ["  head  one two three"]
    assert beside("  head  ", "one two three", 16) == ["  head  one two", "        three"]
    assert beside("  head  ", "a_long_name", 16) == ["  head", "      a_long_name"]
