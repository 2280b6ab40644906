"""Making the demo cohort: phantoms with planted effects, as the files of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vesalius.adapters.files.atomic import Outputs, write_text
from vesalius.adapters.files.csv_lines import csv_lines
from vesalius.adapters.files.nifti_write import add_labels
from vesalius.adapters.phantom.describe import load_description
from vesalius.adapters.phantom.phantom import Phantom, make_phantom
from vesalius.adapters.phantom.write import write_case
from vesalius.adapters.population.planted import Planted
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_scheme

COHORT, TABLE = "cohort.yaml", "cases.csv"
LESIONS = "lesions/{case}.nii.gz"
_SEXES = ("male", "female")
Floats = NDArray[np.float64]
_COLUMNS = ("case", "sex", "age", "diagnosis", "dataset", "site", "scanner")


@dataclass(frozen=True)
class DemoPatient:
    """A patient of the demo cohort.

    Parameters
    ----------
    case, sex, diagnosis, dataset, site, scanner : str
        As the table of cases names them.
    age_years : float
    volumes_ml : dict of str to float
        What structures are made to measure.
    lesion : bool
        Whether the structure in question has a lesion.
    """

    case: str
    sex: str
    age_years: float
    diagnosis: str
    dataset: str
    site: str
    scanner: str
    volumes_ml: dict[str, float]
    lesion: bool

    @property
    def row(self) -> dict[str, str]:
        """Its row in the table of cases."""
        return {
            "case": self.case, "sex": self.sex, "age": f"{self.age_years:.1f}",
            "diagnosis": self.diagnosis, "dataset": self.dataset, "site": self.site,
            "scanner": self.scanner,
        }  # fmt: skip


def draw_patients(planted: Planted, seed: int) -> list[DemoPatient]:
    """Draw the patients; the same seed draws the same."""
    random = np.random.default_rng(seed)
    low, high = planted.age_years
    ages = random.permutation(np.linspace(low, high, planted.cases))
    diagnoses = [*planted.lesions.rate]
    # Each column turns at a pace of its own, so that none goes with another.
    turns = {
        name: random.permutation([options[n % len(options)] for n in range(planted.cases)])
        for name, options in (
            ("sex", _SEXES), ("diagnosis", diagnoses), ("dataset", planted.datasets),
            ("site", planted.sites), ("scanner", planted.scanners),
        )
    }  # fmt: skip
    patients = []
    for n, age in enumerate(ages):
        of = {name: str(drawn[n]) for name, drawn in turns.items()}
        parabola, shift = planted.parabola, planted.shift
        volumes_ml = {
            parabola.structure: parabola.volume_ml(float(age), of["sex"])
            + random.normal(0, parabola.noise_sd_ml),
            shift.structure: shift.typical_ml * shift.factor[of["dataset"]]
            + random.normal(0, shift.noise_sd_ml),
        }
        has = bool(random.random() < planted.lesions.rate[of["diagnosis"]])
        patients.append(
            DemoPatient(
                case=f"{planted.cohort}_{n + 1:02}",
                age_years=float(age),
                volumes_ml=volumes_ml,
                lesion=has,
                **of,
            )
        )
    return patients


def make_cohort(
    planted: Planted,
    folder: Path,
    ontology: Ontology,
    seed: int = 0,
    advance: Callable[[str], None] | None = None,
) -> list[DemoPatient]:
    """Write the demo cohort: predictions, lesions, the table of cases and the cohort file.

    Parameters
    ----------
    planted : Planted
        The effects.
    folder : Path
        Where.
    ontology : Ontology
        The structure graph.
    seed : int
        Of all that is random.
    advance : callable, optional
        Told the name of every case that is written.

    Returns
    -------
    list of DemoPatient
        What each was made from.
    """
    description = load_description()
    schemes = [load_scheme(name, ontology) for name in planted.sources]
    target = load_scheme(planted.target, ontology)
    patients = draw_patients(planted, seed)
    for n, patient in enumerate(patients):
        phantom = make_phantom(
            description, (planted.spacing_mm,) * 3, sex=patient.sex, seed=seed * planted.cases + n
        )
        _write_lesions(planted, patient, phantom, folder)
        made = _altered(planted, patient, phantom)
        write_case(made, folder / "cases" / patient.case, schemes, target, ontology)
        if advance is not None:
            advance(patient.case)
    with Outputs(folder) as outputs:
        outputs.write_text(
            folder / TABLE, "".join(csv_lines(_COLUMNS, (patient.row for patient in patients)))
        )
    write_text(folder / COHORT, _cohort_yaml(planted))
    return patients


def _altered(planted: Planted, patient: DemoPatient, phantom: Phantom) -> Phantom:
    truth = phantom.truth.copy()
    for structure, ml in patient.volumes_ml.items():
        _shrink(truth, _number(phantom, structure), round(ml / phantom.grid.voxel_ml))
    if patient.site == planted.stray.site:
        inside = truth == _number(phantom, planted.stray.inside)
        near = _ball(_middle(inside), planted.stray.radius_voxels, truth.shape)
        truth[near & inside] = _number(phantom, planted.stray.structure)
    if patient.case == planted.mirrored.case:
        truth = truth[::-1]
    return replace(phantom, truth=truth)


def _shrink(truth: NDArray[np.uint16], number: int, voxels: int) -> None:
    """Take the outermost voxels of a structure away until so many are left."""
    box = ndimage.find_objects((truth == number).view(np.uint8))[0]
    inside = truth[box] == number
    depth = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1, 1:-1][inside]
    if voxels > depth.size:
        raise ValueError(f"a phantom has {depth.size} voxels of what should have {voxels}")
    kept = np.zeros(depth.size, dtype=np.bool_)
    kept[np.argsort(-depth, kind="stable")[:voxels]] = True
    truth[box][inside] = np.where(kept, number, 0)


def _middle(inside: NDArray[np.bool_]) -> Floats:
    """Give the index of the voxel that is deepest inside."""
    box = ndimage.find_objects(inside.view(np.uint8))[0]
    depth = ndimage.distance_transform_edt(np.pad(inside[box], 1))[1:-1, 1:-1, 1:-1]
    at = np.unravel_index(np.argmax(depth), depth.shape)
    return np.array([part.start + int(n) for part, n in zip(box, at, strict=True)], np.float64)


def _ball(centre: Floats, reach_voxels: float, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Tell which voxels lie within a distance of a place."""
    axes = np.ogrid[tuple(slice(0, n) for n in shape)]
    off = sum((axis - at) ** 2 for axis, at in zip(axes, centre, strict=True))
    return np.asarray(off <= reach_voxels**2)


def _number(phantom: Phantom, structure: str) -> int:
    return phantom.structures.index(structure) + 1


def _write_lesions(planted: Planted, patient: DemoPatient, phantom: Phantom, folder: Path) -> None:
    """Write the lesions of a patient on a grid of their own, finer than that of the labels."""
    size_mm = np.array(phantom.grid.shape) * phantom.grid.spacing_mm
    shape = np.ceil(size_mm / planted.lesions.voxel_mm).astype(int)
    affine = np.diag([*(planted.lesions.voxel_mm,) * 3, 1.0])
    affine[:3, 3] = phantom.grid.affine[:3, 3]
    grid = Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)
    lesions = np.zeros(grid.shape, dtype=np.uint8)
    places = [planted.lesions.elsewhere, *([planted.lesions.structure] if patient.lesion else [])]
    for structure in places:
        middle = _middle(phantom.truth == _number(phantom, structure))
        centre = grid.to_ijk(phantom.grid.to_mm(middle))
        reach = planted.lesions.diameter_mm / 2 / planted.lesions.voxel_mm
        lesions |= _ball(centre, reach, grid.shape)
    path = folder / LESIONS.format(case=patient.case)
    with Outputs(path.parent) as outputs:
        add_labels(outputs, path, lesions, grid)


def _cohort_yaml(planted: Planted) -> str:
    predictions = "\n".join(
        f'  {source}: "cases/{{case}}/predictions/{source}.nii.gz"' for source in planted.sources
    )
    return f"""\
schema: cohort/1
cohort: {planted.cohort}
image: "cases/{{case}}/ct.nii.gz"
predictions:
{predictions}
target: {planted.target}
rules: {planted.rules}
metadata: {{table: {TABLE}, sex: sex}}
cases: {{from: metadata}}
"""
