"""A first version of a cohort file, from an example that explains every key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vesalius.adapters.cohort.fill_example import beside, named, one_word, quoted, swapped

_EXAMPLE: Final = Path(__file__).parent / "first_cohort.yaml"
FILE_NAME: Final = "cohort.yaml"
"""What the example calls itself."""


def draft_cohort(
    name: str, schemes: Sequence[str], image: str | None, target: str | None, output: Path
) -> str:
    """Write a cohort file with what is known filled in and the rest as examples.

    Parameters
    ----------
    name : str
        Of the study.
    schemes : sequence of str
        Of the predictions, by name or YAML path; where empty, those of the example stay.
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
    if schemes:
        lines = [_prediction(key, beside(scheme, output)) for key, scheme in named(schemes).items()]
        text = swapped(text, "  amos22: predictions/amos22/{case}.nii.gz", "\n".join(lines))
        # The name of a prediction that is there.
        text = text.replace("`{from: amos22}`", f"`{{from: {next(iter(named(schemes)))}}}`")
    if target is not None:
        text = swapped(text, "target: dap_atlas", f"target: {quoted(beside(target, output))}")
    return text


def _prediction(key: str, scheme: str) -> str:
    path = f"predictions/{key}/{{case}}.nii.gz"
    if key == scheme:
        return f"  {key}: {path}"
    return f"  {key}: {{scheme: {quoted(scheme)}, path: {quoted(path)}}}"
