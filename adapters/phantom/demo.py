"""The demonstration: make the phantom, merge what sources say of it, compare with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.cases.load import CaseFiles
from vesalius.adapters.cases.loaded import PredictionFile
from vesalius.adapters.cases.run_case import CaseRun, label_rows, run_case, write_case
from vesalius.adapters.phantom.describe import load_description
from vesalius.adapters.phantom.phantom import Phantom, make_phantom, truth_labels
from vesalius.adapters.phantom.predict import write_case as write_phantom
from vesalius.engine.labelmap import decode
from vesalius.ontology.document import load_document
from vesalius.ontology.library import load_scheme
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import Scheme
from vesalius.rules.anchors import load_anchors
from vesalius.rules.compile.compiler import Compiled, compile_plan


@dataclass(frozen=True)
class DemoSettings:
    """What to demonstrate.

    Parameters
    ----------
    spacing_mm : float
        Voxel size.
    sex : str
        "male" or "female".
    seed : int
        For the small variations of shape and the noise.
    """

    spacing_mm: float
    sex: str
    seed: int


@dataclass(frozen=True, eq=False)
class Demo:
    """What the demonstration made.

    Parameters
    ----------
    phantom : Phantom
        The made patient.
    target : Scheme
        Scheme of `truth` and `merged`.
    truth, merged : ndarray of int, shape phantom.grid.shape
        Integers of the target.
    run : CaseRun
        The merge.
    """

    phantom: Phantom
    target: Scheme
    truth: NDArray[np.uint16]
    merged: NDArray[np.uint16]
    run: CaseRun

    @property
    def covered_voxels(self) -> int:
        """Voxels that some source gives a structure of the target."""
        return int(np.count_nonzero(self.merged))

    @property
    def wrong_voxels(self) -> int:
        """Covered voxels that differ from the truth."""
        return int(np.count_nonzero((self.merged != 0) & (self.merged != self.truth)))


def run_demo(settings: DemoSettings, folder: Path, ontology: Ontology) -> Demo:
    """Make the phantom, write what each source would predict, merge, write the result.

    Parameters
    ----------
    settings : DemoSettings
        Size, sex and seed.
    folder : Path
        `input/` gets the phantom and the predictions, the folder itself the result.
    ontology : Ontology
        The structure graph.

    Returns
    -------
    Demo
    """
    setup = load_document(Path(__file__).parent / "demo.yaml").data
    target = load_scheme(setup["target"], ontology)
    schemes = {name: load_scheme(name, ontology) for name in setup["sources"]}
    phantom = make_phantom(
        load_description(), (settings.spacing_mm,) * 3, sex=settings.sex, seed=settings.seed
    )
    inputs = folder / "input"
    written = write_phantom(phantom, inputs, target, schemes.values(), ontology)
    compiled = compile_plan(ontology, target, schemes, load_anchors(ontology))
    run = _merge(written.predictions, written.image, compiled, schemes, settings.sex)
    write_case(run, folder, label_rows(target, ontology), [inputs])
    return Demo(
        phantom, target, truth_labels(phantom, target), decode(run.result.labels, np.uint16), run
    )


def _merge(
    predictions: dict[str, Path],
    image: Path,
    compiled: Compiled,
    schemes: dict[str, Scheme],
    sex: str,
) -> CaseRun:
    files = CaseFiles(
        predictions=[PredictionFile(name, path) for name, path in predictions.items()],
        image=image,
        metadata={"sex": sex},
        resample=False,
    )
    return run_case(files, compiled, schemes)
