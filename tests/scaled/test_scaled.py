"""A patient may be a child: no rule raises an error for size alone."""

import pytest

from scaled.table import expert, phantom, rows

# What has a size or a smallest piece in millilitres; warnings only.
IN_MILLILITRES = {"size/plausible", "pieces/small", "pieces/small-frail", "holes/large"}


@pytest.mark.parametrize("make", [phantom, expert])
def test_size_alone_is_no_error(make):
    patient = make()
    if patient is None:
        pytest.skip("the expert case is absent")
    for row in rows(patient):
        assert not row.errors, row
        assert set(row.warnings) <= IN_MILLILITRES, row
