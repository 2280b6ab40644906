"""The values of a metadata table as a cohort file says they are meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vesalius.adapters.cases.sexes import SEX, SEX_OF_WORD, SEXES
from vesalius.adapters.cohort.cohort_models import MetadataModel


def known_columns(metadata: MetadataModel, columns: Iterable[str]) -> list[str]:
    """Give the columns of a table, and `sex` where the cohort file says in which one it stands."""
    return list(dict.fromkeys([*columns, *([] if metadata.sex is None else [SEX])]))


def translated(
    rows: Mapping[str, Mapping[str, str]], metadata: MetadataModel
) -> dict[str, Mapping[str, str]]:
    """Translate the values of all rows; `sex` becomes a key of its own.

    Parameters
    ----------
    rows : mapping of str to mapping
        Rows of the table by case.
    metadata : MetadataModel
        Says what values mean.
    """
    meanings = {
        column: {str(written): meaning for written, meaning in values.items()}
        for column, values in metadata.values.items()
    }

    def meant(value: str, column: str) -> str:
        return meanings.get(column, {}).get(value, value)

    found: dict[str, Mapping[str, str]] = {}
    for name, row in rows.items():
        values = {column: meant(value, column) for column, value in row.items()}
        if metadata.sex is not None:
            sex = meant(values[metadata.sex], SEX)
            known = SEX_OF_WORD.get(sex.lower(), sex.lower())
            values[SEX] = known if known in SEXES else sex
        found[name] = values
    return found
