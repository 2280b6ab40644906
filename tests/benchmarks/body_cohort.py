"""A cohort of phantoms of 6 mm that one source predicted, for benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.files.nifti_write import write_labels
from vesalius.adapters.phantom import load_description, make_phantom
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.load import load_ontology, load_scheme

BODY_SOURCE: Final = "totalsegmentator_v2"
_COHORT: Final = """\
schema: cohort/1
cohort: made
target: dap_atlas
cases: {{from: {source}}}
predictions: {{{source}: "p/{{case}}.nii.gz"}}
output: "{{case}}/"
"""


def body_of(source: str) -> tuple[NDArray[np.uint16], Grid]:
    """Give what a source says of the phantom."""
    ontology = load_ontology()
    phantom = make_phantom(load_description(), (6.0, 6.0, 6.0))
    labels = clean_prediction(phantom, load_scheme(source, ontology), ontology)
    return np.asfortranarray(labels), phantom.grid


def write_cohort(
    folder: Path, source: str, grid: Grid, volumes: Iterable[NDArray[np.unsignedinteger]]
) -> None:
    """Write one case for each volume, and the cohort."""
    (folder / "p").mkdir(parents=True)
    for number, labels in enumerate(volumes):
        write_labels(folder / f"p/c{number:05}.nii.gz", labels, grid)
    (folder / "cohort.yaml").write_text(_COHORT.format(source=source))
