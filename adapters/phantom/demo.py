"""The demonstration: make the phantom, merge what sources say of it, compare with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.phantom.describe import load_description
from vesalius.adapters.phantom.phantom import Phantom, make_phantom, truth_labels
from vesalius.adapters.phantom.predict import covered
from vesalius.adapters.phantom.write import write_case
from vesalius.ontology.graph import Ontology
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.reading.form import Form
from vesalius.ontology.reading.validation import validated
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.results import MapResult
from vesalius.session import Session


class _Setup(Form):
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
    truth : ndarray of int, shape phantom.grid.shape
        Integers of the target.
    covered : ndarray of bool, shape phantom.grid.shape
        Voxels of which some source alone says which structure of the target they are.
    run : MapResult
        The merge.
    """

    phantom: Phantom
    target: Scheme
    truth: NDArray[np.uint16]
    covered: NDArray[np.bool_]
    run: MapResult

    @property
    def merged(self) -> NDArray[np.integer]:
        """Integers of the target, shape phantom.grid.shape."""
        return self.run.array

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
    setup = validated(_Setup, load_document(Path(__file__).parent / "demo.yaml"))
    session = Session(setup.sources, setup.target, rules=None)
    target, schemes = session.target, session.schemes
    phantom = make_phantom(
        load_description(), (settings.spacing_mm,) * 3, sex=settings.sex, seed=settings.seed
    )
    inputs = folder / "input"
    written = write_case(phantom, inputs, schemes.values(), target, ontology)
    given = {name: written[name] for name in schemes}
    run = session.merge(given, written["ct"], {"sex": settings.sex})
    run.save_folder(folder)
    listed = set(target.structures())
    return Demo(
        phantom=phantom,
        target=target,
        truth=truth_labels(phantom, target),
        covered=np.logical_or.reduce(
            [covered(phantom, scheme, ontology, listed) for scheme in schemes.values()]
        ),
        run=run,
    )
