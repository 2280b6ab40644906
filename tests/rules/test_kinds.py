"""What every kind says of itself, against the others, the README and the words of findings."""

from __future__ import annotations

import os
import re
from pathlib import Path
from string import Formatter
from typing import Annotated, get_origin, get_type_hints

import pytest

from vesalius.ontology.reading.form import Form
from vesalius.rules import kinds
from vesalius.rules.kind_page import kind_keys, kind_pages

HERE = Path(__file__).parent
README = HERE.parents[1] / "rules" / "README.md"
BEGIN, END = "<!-- kinds -->\n", "<!-- end of kinds -->"


def table(head, rows):
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (head, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def listed(kinds_with):
    return ", ".join(f"`{kind.key}`" for kind in kinds_with)


def tables():
    where = listed(kind for kind in kinds.EXPECTATIONS if kind.takes_where)
    per = listed(kind for kind in kinds.EXPECTATIONS if kind.takes_per)
    expects = [(kind.written, kind.holds) for kind in kinds.EXPECTATIONS]
    repairs = [
        (
            repair.written,
            repair.does,
            ", ".join(kind.key for kind in kinds.EXPECTATIONS if repair.key in kind.repairs),
        )
        for repair in kinds.REPAIRS
    ]
    derives = [(kind.written, kind.makes) for kind in kinds.DERIVATIONS]
    return "\n\n".join(
        (
            table(("`expect`", "holds where"), expects),
            table(("`repair`", "what becomes of the parts", "mends"), repairs),
            table(("`derive` instead of `expect`", "what is made"), derives),
            f"`where` goes with {where}; `per: component` (its centre decides) or `per: voxel` with"
            f" {per}.",
        )
    )


def test_the_tables_of_the_readme_are_those_of_the_kinds():
    before, _, rest = README.read_text().partition(BEGIN)
    found, _, after = rest.partition(END)
    expected = f"\n{tables()}\n\n"
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        README.write_text(before + BEGIN + expected + END + after)
        found = expected
    assert found == expected


def test_every_file_of_a_kind_is_listed():
    listed = {
        kind.lower.__module__ for kind in (*kinds.EXPECTATIONS, *kinds.REPAIRS, *kinds.DERIVATIONS)
    }
    folder = Path(kinds.__file__).parent
    files = {
        f"vesalius.rules.kinds.{path.stem}"
        for path in folder.glob("*.py")
        if re.search(r"= (Expectation|Repair|Derivation)\($", path.read_text(), re.MULTILINE)
    }
    assert listed == files


@pytest.mark.parametrize("kind", kinds.EXPECTATIONS, ids=lambda kind: kind.key)
def test_an_expectation_names_its_key_its_repairs_and_its_word(kind):
    assert kind.key in kind.form.model_fields
    assert f"{kind.key}" in kind.written
    assert set(kind.repairs) <= {repair.key for repair in kinds.REPAIRS}
    assert kind.word is None or isinstance(kind.word, kind.form)
    assert kind.form.__doc__


@pytest.mark.parametrize("repair", kinds.REPAIRS, ids=lambda repair: repair.key)
def test_every_repair_mends_something(repair):
    assert any(repair.key in kind.repairs for kind in kinds.EXPECTATIONS)


def test_one_kind_of_finding_is_told_in_one_way():
    said = [item for kind in kinds.EXPECTATIONS for item in kind.sentences.items()]
    assert len(dict(said)) == len(set(said))
    assert dict(said) == dict(kinds.sentences())


def test_sentences_hold_only_figures():
    for sentence in kinds.sentences().values():
        for _, figure, form, conversion in Formatter().parse(sentence):
            assert figure is None or re.fullmatch(r"\w+|\|\w+\|", figure), sentence
            assert not form
            assert conversion is None


def forms(above=Form):
    for form in above.__subclasses__():
        yield form
        yield from forms(form)


def test_a_made_default_stands_beside_no_limit_in_the_annotation():
    """Pydantic before 2.12 cannot read the two together: limits go beside the default."""
    made = {
        (form, name)
        for form in forms()
        for name, field in form.model_fields.items()
        if field.default_factory is not None
    }
    assert made
    for form, name in made:
        hint = get_type_hints(form, include_extras=True)[name]
        assert get_origin(hint) is not Annotated, f"{form.__name__}.{name}"


@pytest.mark.parametrize(
    "key", ["components", "facing", "hu", "renumber", "rest_of_body", "tapering"]
)
def test_page(key):
    path = HERE / "golden" / f"kind-{key}.txt"
    text = "\n".join(kind_pages(key))
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


def test_pages_are_there_for_every_key_and_not_too_wide():
    for key in kind_keys():
        for page in kind_pages(key):
            assert page.startswith(f"{key}  (a form of ")
            assert all(len(line) <= 88 for line in page.splitlines()), page
            assert "Undefined" not in page
    assert kind_pages("nothing") == ()
