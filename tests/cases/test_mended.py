"""What was mended: found on the way, and not so in what is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from vesalius.adapters.cases.rule_outcomes import RuleOutcome
from vesalius.engine.judging.findings import Finding


def outcome(on_the_way, in_the_end):
    first = RuleOutcome(
        rule=None, status="changed", reason="", findings=tuple(on_the_way), remaining=(),
        moves=(), excludes=False, proposed=None, seconds=0.0,
    )  # fmt: skip
    return replace(first, final=replace(first, findings=tuple(in_the_end)))


def one_after_the_other(on_the_way, in_the_end):
    """Take the same finding, else one of the same kind and labels, away for each that is left."""
    left, gone = list(in_the_end), []
    for finding in on_the_way:
        if finding in left:
            left.remove(finding)
        else:
            gone.append(finding)
    for kept in left:
        like = [f for f in gone if (f.kind, f.labels) == (kept.kind, kept.labels)]
        if like:
            gone.remove(like[0])
    return tuple(gone)


findings = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["another piece", "a hole"]),
        st.sampled_from([(1,), (2,)]),
        st.integers(1, 3),
    ),
    max_size=8,
)


@given(findings, findings)
def test_what_is_there_in_the_end_was_not_mended(on_the_way, in_the_end):
    mended = outcome(on_the_way, in_the_end).mended
    assert mended == one_after_the_other(on_the_way, in_the_end)


@dataclass(frozen=True, eq=False)
class Counted(Finding):
    def __eq__(self, other):
        COMPARED.append(1)
        return (self.kind, self.labels, self.voxels) == (other.kind, other.labels, other.voxels)

    def __hash__(self):
        return hash((self.kind, self.labels, self.voxels))


COMPARED = []


def test_many_findings_are_not_compared_each_with_each():
    on_the_way = [Counted("another piece", (1,), number) for number in range(3000)]
    in_the_end = [Counted("another piece", (1,), number) for number in range(0, 6000, 2)]
    assert not outcome(on_the_way, in_the_end).mended
    assert 0 < len(COMPARED) < 20_000
