from difflib import get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesalius.ontology.reading import nearest as module
from vesalius.ontology.reading.diagnostics import suggest
from vesalius.ontology.reading.document import parse_document
from vesalius.ontology.reading.nearest import (
    MOST_EFFORT,
    MOST_LETTERS,
    nearest,
    renew_effort,
    spend,
)

KNOWN = [f"structure_{i}" for i in range(800)]


@pytest.fixture(autouse=True)
def _fresh():
    renew_effort()
    yield
    renew_effort()


@pytest.fixture
def compared(monkeypatch):
    """Pairs of words that were compared letter by letter, as they are asked for."""
    pairs = []

    def counting(word, candidates, *rest):
        candidates = list(candidates)
        pairs.extend((word, other) for other in candidates)
        return get_close_matches(word, candidates, *rest)

    monkeypatch.setattr(module, "get_close_matches", counting)
    return pairs


@pytest.fixture
def counted(monkeypatch):
    """As `compared`, but the first candidate is taken for the nearest: comparing takes long."""
    pairs = []

    def counting(word, candidates, *_):
        pairs.extend((word, other) for other in candidates)
        return candidates[:1]

    monkeypatch.setattr(module, "get_close_matches", counting)
    return pairs


words = st.text("abcd_", max_size=12)


@given(words, st.lists(words, max_size=8), st.integers(1, 3), st.sampled_from([0.3, 0.6, 1.0]))
def test_the_nearest_are_those_of_difflib(word, candidates, n, cutoff):
    renew_effort()
    assert nearest(word, candidates, n, cutoff) == get_close_matches(word, candidates, n, cutoff)


def test_the_nearest_of_65_000_unknown_names_is_looked_for_only_so_long(counted):
    said = [suggest(f"structrue_{i}", KNOWN) for i in range(65_000)]
    assert said[0] == "did you mean `structure_0`?"
    told = [text for text in said if text and "too many names" in text]
    assert len(told) == 1
    assert said[said.index(told[0]) + 1 :] == [None] * (64_999 - said.index(told[0]))
    # Sixteen at least for each comparison, and never more than is allowed.
    assert 100_000 < len(counted) <= MOST_EFFORT // 16


def test_words_longer_than_any_name_are_compared_with_nothing(compared):
    assert suggest("s" * 10_000, ["s" * 9_000, *KNOWN]) is None
    assert compared == []
    assert suggest("a" * MOST_LETTERS, ["a" * MOST_LETTERS]) is not None


def test_words_of_another_length_are_not_compared(compared):
    assert suggest("spleeen", ["spleen", "s" * 200, "s"]) == "did you mean `spleen`?"
    assert [other for _, other in compared] == ["spleen"]


def test_one_question_that_is_too_much_is_not_begun(compared):
    many = [f"{'1.2.840.113619' * 4}.{i}" for i in range(100_000)]
    assert "too many names" in suggest("1.2.840.113619" * 4, many)
    assert compared == []


def test_every_file_allows_the_whole_effort_again():
    assert not spend(MOST_EFFORT + 1)
    assert "too many names" in suggest("structrue_1", KNOWN)
    assert suggest("structrue_1", KNOWN) is None
    parse_document("a: 1\n", "a.yaml")
    assert suggest("structrue_1", KNOWN) == "did you mean `structure_1`?"


def test_what_differs_in_capitals_alone_is_nearest():
    assert nearest("id", ["Sex", "ID", "di"], n=2) == ["ID"]
    assert nearest("AORTA", ["aorta", "portal"]) == ["aorta"]
