"""A case as it is given: predictions, perhaps a CT, and what is known of the patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.given import Given, given_name, given_paths


@dataclass(frozen=True, eq=False)
class Prediction:
    """A prediction: a path, an image of nibabel, or an array.

    Parameters
    ----------
    token : str
        Name of the source in the plan.
    given : Path, GivenImage or GivenArray
        Labels of all classes; a path may also be a folder with one mask per class.
    """

    token: str
    given: Given

    @property
    def name(self) -> str:
        """What messages and reports call it."""
        return given_name(self.given)


@dataclass(frozen=True)
class PredictionFile(Prediction):
    """A prediction as the user names it.

    Parameters
    ----------
    token : str
        Name of the source in the plan.
    given : Path
        A multi-label file, or a folder with one mask per class.
    """

    given: Path

    @property
    def path(self) -> Path:
        """The file or folder."""
        return self.given


@dataclass(frozen=True, eq=False)
class CaseInputs:
    """A case as it is given.

    Parameters
    ----------
    predictions : sequence of Prediction
        At least one.
    image : Path, GivenImage, GivenArray or None
        The CT; its grid is the output's. Without it, that of the predictions.
    metadata : mapping of str to str
        What is known of the patient.
    resample : bool
        Whether predictions on another lattice may be resampled by nearest neighbour.
    trust_image_geometry : bool
        Whether predictions of the image's shape are taken voxel for voxel.
    """

    predictions: Sequence[Prediction]
    image: Given | None
    metadata: Mapping[str, str]
    resample: bool
    trust_image_geometry: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file or folder that is read; no output may replace one of them."""
        image = () if self.image is None else given_paths(self.image)
        return (*image, *(path for p in self.predictions for path in given_paths(p.given)))


@dataclass(frozen=True)
class CaseFiles(CaseInputs):
    """A case of files, as the user names them.

    Parameters
    ----------
    predictions : sequence of PredictionFile
        At least one.
    image : Path or None
        The CT.
    metadata, resample
        As in `CaseInputs`.
    """

    predictions: Sequence[PredictionFile]
    image: Path | None
