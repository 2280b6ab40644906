"""A first version of a cohort file, from an example that explains every key."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vesalius.adapters.cases.sexes import SEX_OF_WORD
from vesalius.adapters.cohort.case_table import read_table
from vesalius.adapters.cohort.fill_example import beside, named, one_word, quoted, swapped
from vesalius.ontology.reading.diagnostics import Span
from vesalius.ontology.reading.listing import listing

_EXAMPLE: Final = Path(__file__).parent / "first_cohort.yaml"
FILE_NAME: Final = "cohort.yaml"
"""What the example calls itself."""
_METADATA: Final = (
    "#metadata:",
    "  #table: cases.csv",
    "  #case: case",
    "  #sex: sex",
    "  #values: {sex: {M: male, F: female}}",
)
_HEADS_OF_SEX: Final = (
    "sex", "gender", "patientsex", "patient_sex", "geschlecht", "sexe", "sexo", "sesso",
)  # fmt: skip


def draft_cohort(
    name: str,
    predictions: Sequence[tuple[str, str | None]],
    image: str | None,
    target: str | None,
    output: Path,
) -> str:
    """Write a cohort file with what is known filled in and the rest as examples.

    Parameters
    ----------
    name : str
        Of the study.
    predictions : sequence of (str, str or None)
        Scheme by name or YAML path, and template of its files; None for an example of it. Where
        empty, the one of the example stays.
    image : str or None
        Template of the CT; None keeps the example's.
    target : str or None
        Scheme of the output, by name or YAML path; None keeps the example's.
    output : Path
        Where the file will lie: paths of schemes are written relative to it.

    Returns
    -------
    str
        YAML that a cohort is read from as it is.
    """
    text = _EXAMPLE.read_text(encoding="utf-8").replace(FILE_NAME, output.name)
    text = swapped(text, "cohort: my_study", f"cohort: {one_word(name)}")
    if image is not None:
        text = swapped(text, "image: images/{case}_0000.nii.gz", f"image: {quoted(image)}")
    if predictions:
        keys = named([scheme for scheme, _ in predictions])
        lines = [
            _prediction(key, beside(scheme, output), template)
            for (key, scheme), (_, template) in zip(keys.items(), predictions, strict=True)
        ]
        text = swapped(text, "  amos22: predictions/amos22/{case}.nii.gz", "\n".join(lines))
        # The name of a prediction that is there.
        first = next(iter(keys))
        text = text.replace("`{from: amos22}`", f"`{{from: {first}}}`")
        if image is None and predictions[0][1] is not None:
            text = swapped(
                text, "image: images/{case}_0000.nii.gz", "#image: images/{case}_0000.nii.gz"
            )
            text = swapped(text, "cases: {from: image}", f"cases: {{from: {first}}}")
    if target is not None:
        text = swapped(text, "target: dap_atlas", f"target: {quoted(beside(target, output))}")
    return text


def first_metadata(text: str, table: Path, output: Path) -> tuple[str, str]:
    """Switch the table of a cohort file on, as far as its head and its sexes are understood.

    Returns
    -------
    str
        The file.
    str
        What was understood, in words.

    Raises
    ------
    DiagnosticError
        COH004 where the table cannot be read.
    """
    read = read_table(table, Span(str(output), 1, 1, 2))
    case = _column(read.columns, "case") or read.columns[0]
    heads = (_column(read.columns, word) for word in _HEADS_OF_SEX)
    sex = next((head for head in heads if head is not None), None)
    said = f"cases are in the column `{case}`; no column of sexes was found: write it as `sex:`"
    lines = [
        "metadata:",
        f"  table: {quoted(Path(os.path.relpath(table, output.parent)).as_posix())}",
        f"  case: {quoted(case)}",
    ]
    if sex is not None:
        found = sorted({row.get(sex, "") for row in read.rows})
        values = {value: SEX_OF_WORD.get(value.casefold(), "unknown") for value in found}
        means = ", ".join(f"{quoted(value)}: {meant}" for value, meant in values.items())
        lines += [f"  sex: {quoted(sex)}", f"  values: {{{quoted(sex)}: {{{means}}}}}"]
        unread = [f"`{value}`" for value, meant in values.items() if value and meant == "unknown"]
        said = f"cases are in the column `{case}`, sexes in `{sex}`"
        said += f"; {listing(unread)} became unknown: say what it means" if unread else ""
    for old in _METADATA[1:]:
        text = text.replace(f"{old}\n", "", 1)
    return swapped(text, _METADATA[0], "\n".join(lines)), said


def _column(columns: Sequence[str], word: str) -> str | None:
    return next((column for column in columns if column.casefold() == word), None)


def _prediction(key: str, scheme: str, template: str | None) -> str:
    path = template or f"predictions/{key}/{{case}}.nii.gz"
    if key == scheme:
        return f"  {key}: {path if template is None else quoted(path)}"
    return f"  {key}: {{scheme: {quoted(scheme)}, path: {quoted(path)}}}"
