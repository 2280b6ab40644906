"""No word of anatomy in the engine, no organ name in any Python."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

from vesalius.ontology.load import load_ontology

# Words that structure names share with plain English or geometry. Each is used by the engine in
# that plain sense.
PLAIN = frozenset(
    {
        "a",
        "all",
        "and",
        "anterior",
        "any",
        "area",
        "ascending",
        "axis",
        "back",
        "base",
        "body",
        "border",
        "cavity",
        "center",
        "central",
        "column",
        "common",
        "complex",
        "deep",
        "external",
        "eye",
        "face",
        "false",
        "first",
        "fourth",
        "free",
        "general",
        "group",
        "inferior",
        "inner",
        "internal",
        "joint",
        "large",
        "lateral",
        "left",
        "level",
        "lower",
        "main",
        "major",
        "mask",
        "matter",
        "medial",
        "mid",
        "middle",
        "minor",
        "named",
        "node",
        "non",
        "oblique",
        "of",
        "other",
        "outer",
        "part",
        "parts",
        "pool",
        "posterior",
        "region",
        "rest",
        "right",
        "second",
        "segment",
        "segments",
        "single",
        "small",
        "space",
        "start",
        "superior",
        "system",
        "third",
        "tissue",
        "total",
        "transverse",
        "true",
        "trunk",
        "unknown",
        "upper",
        "wall",
        "whole",
        "with",
    }
)
ENGINE_ALSO_FORBIDDEN = frozenset({"organ"})


def words(text: str) -> set[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return {w for w in re.split(r"[^A-Za-z]+", spaced.replace("_", " ").lower()) if len(w) > 2}


def code_words(path: Path) -> set[str]:
    """Words of the identifiers and strings of a module."""
    found: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            found |= words(token.string)
    return found


@pytest.fixture(scope="session")
def vocabulary() -> set[str]:
    names = load_ontology().structures
    return {w for name in names for w in words(name)} - PLAIN


def test_the_vocabulary_is_one(vocabulary):
    assert {"kidney", "liver", "vertebrae", "aorta", "rib"} <= vocabulary
    assert len(vocabulary) > 200


def test_the_engine_knows_no_word_of_anatomy(root, vocabulary):
    forbidden = vocabulary | ENGINE_ALSO_FORBIDDEN
    guilty = {
        str(path.relative_to(root)): sorted(code_words(path) & forbidden)
        for path in (root / "engine").rglob("*.py")
    }
    assert {path: found for path, found in guilty.items() if found} == {}


def test_no_module_names_a_structure(root):
    """Full names of structures (with an underscore, so no plain words) in no Python at all."""
    names = {n for n in load_ontology().structures if "_" in n}
    pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, names))) + r")\b")
    guilty = {}
    for layer in ("ontology", "rules", "engine", "adapters"):
        for path in (root / layer).rglob("*.py"):
            code = "\n".join(
                token.string
                for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
                if token.type in (tokenize.NAME, tokenize.STRING)
                and not token.string.startswith(('"""', 'r"""'))
            )
            if found := sorted(set(pattern.findall(code))):
                guilty[str(path.relative_to(root))] = found
    assert guilty == {}
