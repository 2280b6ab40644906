"""Guards: every cell of the truth tables, and the facts that are given."""

import itertools

import numpy as np
import pytest

from oracle import guards as oracle
from oracle.state import State
from vesalius.engine.judging.context import ArrayImage, start
from vesalius.engine.judging.guards import ask
from vesalius.engine.plan.reason import in_words, texts_of
from vesalius.engine.plan.where import AllOf, AnyOf, HasImage, MetadataIs, Not, Seen, Uncut
from vesalius.engine.runs.labelmap import encode

ARRAY = np.zeros((5, 5, 5), dtype=np.uint8)
ARRAY[2, 2, 2] = 1  # inside
ARRAY[0, 2, 2] = 2  # at the border
ARRAY[3, 3, 3] = 3  # inside

# Guards of known truth on the case below.
OF_TRUTH = {
    True: MetadataIs("k", ("a",)),
    False: MetadataIs("k", ("b",)),
    None: MetadataIs("m", ("a",)),
}


def context(**given):
    work = encode(ARRAY, np.eye(4))
    return start(work, metadata={"k": "a", "empty": ""}, tokens={1: "one", 2: "two"}, **given)


TRUTHS = [True, False, None]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(TRUTHS, TRUTHS)))
def test_all_of_and_any_of_two(a, b):
    both = {
        (True, True): True,
        (True, None): None,
        (None, True): None,
        (None, None): None,
    }.get((a, b), False)
    either = {
        (False, False): False,
        (False, None): None,
        (None, False): None,
        (None, None): None,
    }.get((a, b), True)
    guards = (OF_TRUTH[a], OF_TRUTH[b])
    assert ask(AllOf(guards), context()).truth is both
    assert ask(AnyOf(guards), context()).truth is either


@pytest.mark.parametrize("three", list(itertools.product(TRUTHS, repeat=3)))
def test_de_morgan_and_the_oracle(three):
    guards = tuple(OF_TRUTH[t] for t in three)
    negated = tuple(Not(g) for g in guards)
    state = State(ARRAY.astype(np.int64), np.eye(4), metadata={"k": "a"})
    for one, other in ((AllOf, AnyOf), (AnyOf, AllOf)):
        answer = ask(Not(one(guards)), context()).truth
        assert answer is ask(other(negated), context()).truth
        assert answer is oracle.answer(Not(one(guards)), state)


def test_not_and_the_empty_list():
    assert [ask(Not(OF_TRUTH[t]), context()).truth for t in TRUTHS] == [False, True, None]
    assert ask(AllOf(()), context()).truth is True
    assert ask(AnyOf(()), context()).truth is False


@pytest.mark.parametrize(
    ("guard", "truth", "facts", "lacks"),
    [
        (MetadataIs("k", ("a", "b")), True, "k is a", False),
        (MetadataIs("k", ("b",)), False, "k is a", False),
        (MetadataIs("m", ("b",)), None, "the case does not say m", True),
        (MetadataIs("empty", ("b",)), None, "the case does not say empty", True),
        (Seen((1, 9), all_of=False), True, "present: one", False),
        (Seen((1, 9), all_of=True), False, "absent: label 9", True),
        (Seen((1, 2), all_of=True), True, "present: one, two", False),
        (Seen((8, 9), all_of=False), False, "absent: label 8, label 9", True),
        (Uncut((1, 3)), True, "not cut by the border of the scan: one, label 3", False),
        (Uncut((1, 2)), False, "cut by the border of the scan: two", True),
        (Uncut((2, 9)), False, "cut by the border of the scan: two", True),
        (Uncut((1, 9)), None, "absent: label 9", True),
        (HasImage(), False, "the case has no image in HU", True),
    ],
)
def test_each_kind_and_its_facts(guard, truth, facts, lacks):
    answer = ask(guard, context())
    assert (answer.truth, in_words(answer.facts), answer.lacks) == (truth, facts, lacks)
    inverse = {True: False, False: True, None: None}[truth]
    assert ask(Not(guard), context()) == (inverse, *answer[1:])


def test_facts_name_what_is_not_there_and_what_is_cut():
    (absent,) = ask(Seen((1, 8, 9), all_of=True), context()).facts
    assert (absent.absent, absent.cut) == (("label 8", "label 9"), ())
    (cut,) = ask(Uncut((1, 2)), context()).facts
    assert (cut.absent, cut.cut) == ((), ("two",))
    (there,) = ask(Seen((1,), all_of=True), context()).facts
    assert not there.names_some


def test_what_the_case_is_decides_before_what_it_lacks():
    false, absent = OF_TRUTH[False], Seen((9,), all_of=False)
    assert not ask(AllOf((false, absent)), context()).lacks
    assert ask(AllOf((OF_TRUTH[True], absent)), context()).lacks


def test_an_image_that_is_given():
    assert ask(HasImage(), context(image=ArrayImage(ARRAY))).truth is True


def test_facts_are_those_that_decide():
    true, false, unknown = (OF_TRUTH[t] for t in TRUTHS)
    absent = Seen((9,), all_of=False)

    def facts(guard):
        return texts_of(ask(guard, context()).facts)

    assert facts(AllOf((true, false, absent))) == ("k is a", "absent: label 9")
    assert facts(AllOf((true, unknown))) == ("the case does not say m",)
    assert facts(AnyOf((false, unknown, true))) == ("k is a",)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("side", [0, -1])
def test_a_label_is_cut_by_each_of_the_six_faces(axis, side):
    array = np.zeros((3, 3, 3), dtype=np.uint8)
    array[1, 1, 1] = 1
    assert not start(encode(array, np.eye(4))).cut_by_border(1)
    np.moveaxis(array, axis, 0)[side, 1, 1] = 1
    assert start(encode(array, np.eye(4))).cut_by_border(1)
    assert not start(encode(array, np.eye(4))).cut_by_border(2)


def test_an_unknown_kind():
    with pytest.raises(TypeError, match="no function answers str"):
        ask("?", context())
