"""A first version of a pipeline file, from an example that explains every key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vesalius.adapters.cohort.fill_example import beside, named, one_word, quoted, swapped

_EXAMPLE: Final = Path(__file__).parent / "first_pipeline.yaml"
FILE_NAME: Final = "pipeline.yaml"
"""What the example calls itself."""
FIRST_DATASET: Final = 101
UNIFIED_DATASET: Final = 190


def draft_pipeline(
    name: str, schemes: Sequence[str], image: str | None, target: str | None, output: Path
) -> str:
    """Write a pipeline file with what is known filled in and the rest as examples.

    Parameters
    ----------
    name : str
        Of the pipeline.
    schemes : sequence of str
        Of the experts' datasets, by name or YAML path; where empty, that of the example stays.
    image : str or None
        Template of the CTs of the cohort; None keeps the example's.
    target : str or None
        Scheme of the merge, by name or YAML path; None keeps the example's.
    output : Path
        Where the file will lie: paths of schemes are written relative to it.

    Returns
    -------
    str
        YAML that a pipeline is read from as it is.
    """
    text = _EXAMPLE.read_text(encoding="utf-8").replace(FILE_NAME, output.name)
    text = swapped(text, "pipeline: my_pipeline", f"pipeline: {one_word(name)}")
    if image is not None:
        text = swapped(text, "  image: images/{case}_0000.nii.gz", f"  image: {quoted(image)}")
    if target is not None:
        new = f"  target: {quoted(beside(target, output))}"
        text = swapped(text, "  target: dap_atlas", new)
    if schemes:
        text = _with_experts(text, schemes, output)
    return text


def _with_experts(text: str, schemes: Sequence[str], output: Path) -> str:
    (first, scheme), *others = named(schemes).items()
    text = text.replace("datasets/amos22/", f"datasets/{first}/")
    text = swapped(text, "  amos22:", f"  {first}:")
    text = swapped(text, "    scheme: amos22", f"    scheme: {quoted(beside(scheme, output))}")
    text = swapped(text, "    #name: amos22", f"    #name: {first}")
    more = [
        f"  {key}:\n"
        f"    scheme: {quoted(beside(other, output))}\n"
        f"    dataset: {FIRST_DATASET + number}\n"
        f"    images: datasets/{key}/images/{{case}}_0000.nii.gz\n"
        f"    labels: datasets/{key}/labels/{{case}}.nii.gz\n"
        for number, (key, other) in enumerate(others, start=1)
    ]
    last = FIRST_DATASET + len(others)
    if last >= UNIFIED_DATASET:
        text = swapped(text, f"  dataset: {UNIFIED_DATASET}", f"  dataset: {last + 1}")
    head, mark, tail = text.partition("\n# The cohort that nobody has labelled")
    return head + "".join(more) + mark + tail
