"""The catalogue of docs/, as Markdown: everything has its page, and links lead somewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, normpath

import pytest
import yaml

from catalogue.known import EXAMPLES, load_known
from catalogue.markup import code, escaped, prose, table
from catalogue.pictures import picture_lines
from catalogue.site import COPIED, catalogue_pages, write_site
from vesalius.adapters.rule_tests.collect import make_bench
from vesalius.adapters.rule_tests.run_test import run_test
from vesalius.adapters.yaml_lint import lint_yaml
from vesalius.ontology.reading.document import parse_document
from vesalius.rules.library import parse_pack

LINK = re.compile(r"\]\(([^)]+)\)")
HOSTILE = '<script>alert("x")</script> [a](javascript:b) **c** | d `e` ![f](g) &amp; {#h}'
ALLOWED = {"code", "span", "div", "figure", "figcaption", "svg", "rect", "text"}
PACK = """\
schema: rules/1
pack: hostile
about: {text}
phases: [p]
rules:
  - id: p/one
    summary: {text}
    why: {text}
    source: [{text}]
    for: liver
    expect: absent
    repair: remove
    tests:
      - name: {text}
        key: {{"<": liver}}
        before: "< . <"
        after: ". . ."
        outcome: changed
"""


@pytest.fixture(scope="module")
def known():
    return load_known()


@pytest.fixture(scope="module")
def pages(known) -> dict[str, str]:
    listed = list(catalogue_pages(known))
    assert len({page.path.lower() for page in listed}) == len(listed)
    return {page.path: page.text for page in listed}


def folder_names(root: Path, pattern: str) -> set[str]:
    return {path.stem for path in root.glob(pattern)}


def title(text: str) -> str:
    return unescape(re.search(r"^# (.*)$", text, re.MULTILINE)[1])


def test_every_structure(pages, root):
    names = {
        name
        for path in (root / "ontology/structures").glob("*.yaml")
        for name in yaml.safe_load(path.read_text(encoding="utf-8"))["structures"]
    }
    assert {path for path in pages if path.startswith("catalogue/structures/")} == {
        "catalogue/structures/index.md",
        *(f"catalogue/structures/{name}.md" for name in names),
    }
    assert all(title(pages[f"catalogue/structures/{name}.md"]) == name for name in names)


def test_every_scheme(pages, root):
    names = folder_names(root, "ontology/schemes/*.yaml")
    assert {path for path in pages if path.startswith("catalogue/schemes/")} == {
        "catalogue/schemes/index.md",
        *(f"catalogue/schemes/{name}.md" for name in names),
    }
    assert all(title(pages[f"catalogue/schemes/{name}.md"]) == name for name in names)


def test_every_rule(pages, known):
    rules = {(name, rule.id) for name, pack in known.packs.items() for rule in pack.rules}
    assert {name for name, _ in rules} >= {"recommended", "dap_atlas"}
    for pack, rule_id in rules:
        assert title(pages[f"catalogue/rules/{pack}/{rule_id}.md"]) == rule_id
    assert sum(path.startswith("catalogue/rules/") for path in pages) == len(rules) + 1


def test_every_kind_is_drawn(pages, root):
    keys = folder_names(root, "rules/kinds/*.py")
    drawn = {p: t for p, t in pages.items() if re.match("catalogue/kinds/[a-z]+/", p)}
    assert {"absent", "components", "elongated", "move_to", "rest_of_body"} <= keys
    assert keys & {Path(path).stem for path in drawn} >= keys - {
        "__init__", "kind", "declared", "destination", "located", "derive_hu", "owner",
    }  # fmt: skip
    for path, text in drawn.items():
        assert "<svg " in text, path


def test_every_diagnostic(pages, root):
    codes = folder_names(root, "*/codes/*.md")
    assert len(codes) > 100
    for name in codes:
        assert title(pages[f"catalogue/codes/{name}.md"]).startswith(f"{name}: ")


def test_links_lead_somewhere(pages):
    leads: dict[str, set[str]] = {}
    for path, text in pages.items():
        for target in LINK.findall(re.sub(r"`[^`]*`", "", text)):
            there = normpath(f"{dirname(path)}/{target}")
            assert there in pages, f"{path}: {target}"
            leads.setdefault(there, set()).add(path)
    assert set(pages) - set(leads) <= {"catalogue/index.md"}


def test_the_list_of_a_section_leads_to_all_of_it(pages):
    for section in ("structures", "schemes", "rules", "kinds", "codes"):
        here = f"catalogue/{section}/"
        led = {normpath(here + target) for target in LINK.findall(pages[f"{here}index.md"])}
        assert {path for path in pages if path.startswith(here)} - {f"{here}index.md"} <= led


def test_what_a_structure_says(pages):
    kidney = unescape(pages["catalogue/structures/kidney_left.md"])
    assert "on the other side: [<code>kidney_right</code>](kidney_right.md)" in kidney
    assert "| [<code>amos22</code>](../schemes/amos22.md) | 3 | left kidney |" in kidney
    rib = unescape(pages["catalogue/structures/rib_left_7.md"])
    assert "ribs/one-name" in rib
    assert "rib_left_6.md), [<code>rib_left_7</code>](rib_left_7.md), [<code>rib_left_8" in rib


def test_what_a_scheme_says(pages):
    amos = unescape(pages["catalogue/schemes/amos22.md"])
    assert "| 15 | prostate/uterus | " in amos
    assert (
        "male: [<code>prostate</code>](../structures/prostate.md); "
        "female: [<code>uterus</code>](../structures/uterus.md); "
        "unknown: [<code>prostate_or_uterus</code>](../structures/prostate_or_uterus.md)" in amos
    )


def test_pages_hold_no_place_of_this_machine(pages, root):
    assert not [path for path, text in pages.items() if str(root) in unescape(text)]


def test_examples_hold_what_they_show(known):
    """Its rules that only show a kind pass their tests."""
    pack = known.examples
    for rule in pack.rules:
        bench = make_bench(rule, pack, known.ontology, known.anchors)
        assert rule.tests
        for test in rule.tests:
            assert run_test(bench, test).passed, test.name


class Tags(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def tags(text: str) -> Tags:
    parser = Tags()
    parser.feed(text)
    parser.close()
    return parser


def test_no_page_holds_other_tags(pages):
    for path, text in pages.items():
        if not path.startswith("catalogue/codes/"):
            said = tags(text)
            assert said.found <= ALLOWED, path
            assert not [name for name in said.attributes if name.startswith("on")], path


def test_what_yaml_says_is_only_text(known):
    import json

    text = PACK.format(text=json.dumps(HOSTILE))
    pack, problems = parse_pack(parse_document(text, "hostile.yaml"), known.ontology, known.anchors)
    assert pack is not None, problems
    hostile = replace(known, packs={"hostile": pack}, schemes=())
    written = {page.path: page.text for page in catalogue_pages(hostile)}
    said = 0
    for path, page in written.items():
        if path.startswith("catalogue/codes/"):
            continue
        assert tags(page).found <= ALLOWED, path
        assert "javascript:" not in page, path
        assert "**c**" not in page, path
        said += "<script>" in unescape(page)
    # The rule, the list of rules, the liver, the kinds `absent` and `remove`.
    assert said == 5


@pytest.mark.parametrize("text", [HOSTILE, "- a", "12. b", "# c", "a  b\n\nc", "_d_ *e* ~f~ <g>"])
def test_escaped(text):
    assert not re.search(r"[`*_{}\[\]|<>!~#]", re.sub(r"&#\d+;", "", escaped(text)))
    assert unescape(escaped(text)) == " ".join(text.split())
    assert not re.match(r"(-|\d+\.)\s", escaped(text))


def test_prose():
    assert prose("a `b_c` *d*") == "a <code>b&#95;c</code> &#42;d&#42;"
    assert prose("a ` b") == "a &#96; b"
    assert code("<") == "<code>&#60;</code>"
    assert table(["a"], []) == []


def test_a_picture(known):
    """Two cells of a rib change their name: two frames, and the colours of the ontology."""
    rule = known.packs["recommended"].rule("ribs/one-name")
    test = next(test for test in rule.tests if test.outcome == "changed")
    drawn = "\n".join(picture_lines(test, "catalogue/x.md", known.ontology))
    cells = [before != after for before, after in zip(test.before, test.after, strict=True)]
    assert drawn.count('class="mark"') == sum(cells) > 0
    assert drawn.count("<svg ") == 2
    for name in test.key.values():
        red, green, blue = known.ontology.get(name, "color")
        assert f'fill="#{red:02x}{green:02x}{blue:02x}"' in drawn
        assert f"](structures/{name}.md)" in unescape(drawn)


def test_the_whole_is_written(known, tmp_path, pages, root):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/old.md").touch()
    assert write_site(tmp_path / "docs", known) == len(pages)
    assert not (tmp_path / "docs/old.md").exists()
    for name in COPIED:
        assert (tmp_path / "docs" / name).exists()
    for path, text in pages.items():
        assert (tmp_path / "docs" / path).read_text(encoding="utf-8") == text
    # What the tutorials and the first page link to is there, as is what the menu names.
    for page in [*(tmp_path / "docs/tutorials").glob("*.md"), tmp_path / "docs/index.md"]:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
    menu = (root / "docs/mkdocs.yml").read_text(encoding="utf-8")
    for named in re.findall(r"[\w/-]+\.(?:md|css|js)\b", menu):
        assert (tmp_path / "docs" / named).exists(), named


def test_nothing_comes_from_the_network(root):
    """No address in what is built into the pages, but for names of what something is."""
    for path in (root / "docs/assets").iterdir():
        if path.suffix in {".css", ".js"}:
            assert "//" not in path.read_text(encoding="utf-8").replace("/* ", "")
    menu = yaml.safe_load((root / "docs/mkdocs.yml").read_text(encoding="utf-8"))
    assert menu["theme"]["font"] is False
    assert "offline" in menu["plugins"]
    assert menu["use_directory_urls"] is False
    assert all("iframe-worker" in script for script in menu["extra"]["polyfills"])


def test_the_examples_of_kinds_have_no_problem():
    assert lint_yaml([EXAMPLES]).diagnostics == ()
