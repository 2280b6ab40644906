"""Rows are found by the number in a name where only the padding differs, and never by guessing."""

import pytest

from vesalius.adapters.cohort.rows_by_case import RowsByCase


def rows(*names):
    return RowsByCase({name: {"name": name} for name in names})


@pytest.mark.parametrize(
    ("table", "case", "found"),
    [
        (["7", "8"], "0007", "7"),
        (["7", "8"], "s0007", "7"),
        (["07"], "7", "07"),
        (["s7"], "s0007", "s7"),
        (["amos_7"], "0007", "amos_7"),
        (["0007", "7"], "7", "7"),
        (["0", "10"], "000", "0"),
        (["s7"], "t7", None),
        (["s7", "t7"], "7", None),
        (["07", "7"], "007", None),
        (["7"], "a7b", None),
        (["7"], "a1_7", None),
        (["seven"], "7", None),
        (["7.0", "8.0"], "0007", "7.0"),
        (["p/amos_0007.nii.gz"], "amos_0007", "p/amos_0007.nii.gz"),
        (["amos_0007.NII"], "0007", "amos_0007.NII"),
        (["p\\a7"], "a7", "p\\a7"),
        (["Case_A"], "case_a", "Case_A"),
        (["Case_A", "CASE_A"], "case_a", None),
        (["1.2.840.7"], "7", None),
    ],
)
def test_a_row_is_found_by_its_number_alone(table, case, found):
    known = rows(*table)
    assert (case in known) is (found is not None)
    assert known.name_of(case) == found
    assert known.get(case) == (None if found is None else {"name": found})
    assert list(known) == table


def test_cases_whose_row_has_another_name_are_listed():
    assert rows("7", "s9").by_number(["0007", "7", "s9", "12"]) == {"7": ["0007"]}
