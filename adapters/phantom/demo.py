"""The demonstration: make the phantom, merge what sources say of it, compare with the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from vesalius.adapters.cases.load import CaseFiles
from vesalius.adapters.cases.loaded import PredictionFile
from vesalius.adapters.cases.run_case import CaseRun, label_rows, run_case, write_case
from vesalius.adapters.phantom.describe import load_description
from vesalius.adapters.phantom.phantom import Phantom, make_phantom, truth_labels
from vesalius.adapters.phantom.predict import covered
from vesalius.adapters.phantom.write import write_case as write_phantom
from vesalius.engine.labelmap import decode
from vesalius.ontology.diagnostics import DiagnosticError
from vesalius.ontology.document import load_document
from vesalius.ontology.library import load_scheme
from vesalius.ontology.ontology import Ontology
from vesalius.ontology.scheme_types import Scheme
from vesalius.ontology.validation import validate
from vesalius.rules.anchors import load_anchors
from vesalius.rules.compile.compiler import Compiled, compile_plan


class _Setup(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    target: str
    sources: list[str]


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
    covered : ndarray of bool, shape phantom.grid.shape
        Voxels of which some source alone says which structure of the target they are.
    run : CaseRun
        The merge.
    """

    phantom: Phantom
    target: Scheme
    truth: NDArray[np.uint16]
    merged: NDArray[np.uint16]
    covered: NDArray[np.bool_]
    run: CaseRun

    @property
    def wrong_voxels(self) -> int:
        """Voxels that differ from the truth, of those that a source covers or the merge paints."""
        looked_at = self.covered | (self.merged != 0)
        return int(np.count_nonzero(looked_at & (self.merged != self.truth)))


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
    setup, problems = validate(_Setup, load_document(Path(__file__).parent / "demo.yaml"))
    if setup is None:
        raise DiagnosticError(problems)
    target = load_scheme(setup.target, ontology)
    schemes = {name: load_scheme(name, ontology) for name in setup.sources}
    phantom = make_phantom(
        load_description(), (settings.spacing_mm,) * 3, sex=settings.sex, seed=settings.seed
    )
    inputs = folder / "input"
    written = write_phantom(phantom, inputs, schemes.values(), target, ontology)
    compiled = compile_plan(ontology, target, schemes, load_anchors(ontology))
    run = _merge(written, compiled, schemes, settings.sex)
    write_case(run, folder, label_rows(target, ontology), [inputs])
    listed = set(target.structures())
    return Demo(
        phantom=phantom,
        target=target,
        truth=truth_labels(phantom, target),
        merged=decode(run.result.labels, np.uint16),
        covered=np.logical_or.reduce(
            [covered(phantom, scheme, ontology, listed) for scheme in schemes.values()]
        ),
        run=run,
    )


def _merge(
    written: Mapping[str, Path], compiled: Compiled, schemes: Mapping[str, Scheme], sex: str
) -> CaseRun:
    files = CaseFiles(
        predictions=[PredictionFile(name, written[name]) for name in schemes],
        image=written["ct"],
        metadata={"sex": sex},
        resample=False,
    )
    return run_case(files, compiled, schemes)
