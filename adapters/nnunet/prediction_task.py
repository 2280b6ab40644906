"""One case of a prediction: its files, and the record by which it is known to be finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vesalius.adapters.files.align import GRID_TOLERANCE_VOXELS
from vesalius.adapters.files.atomic import check_output, write_json
from vesalius.adapters.files.gzip_stream import file_digest
from vesalius.adapters.files.io_diagnostics import failure, unwritable
from vesalius.adapters.files.json_files import read_object
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.nifti_header import read_header
from vesalius.adapters.files.nifti_write import write_labels
from vesalius.adapters.nnunet.integrity import four_axes
from vesalius.adapters.nnunet.label_ids import LabelIds
from vesalius.ontology.reading.diagnostics import DiagnosticError

RECORD_SCHEMA = "nnunet_prediction/1"
RECORDS = ".vesalius-nnunet"
"""Folder beside the predictions with one record per case, by which `--continue` knows them."""


@dataclass(frozen=True)
class Task:
    """One case to predict.

    Parameters
    ----------
    case : str
        Its name.
    image, output : Path
        Its files.
    key : mapping
        What besides the image decides the result: digest of the model, settings.
    """

    case: str
    image: Path
    output: Path
    key: Mapping[str, object]

    @property
    def record(self) -> Path:
        """Where the record of this case is."""
        return self.output.parent / RECORDS / f"{self.case}.json"

    def is_done(self) -> bool:
        """Tell whether the prediction is there, from this image by this model, untouched."""
        try:
            record = read_object(self.record)
            return bool(record == self._content())
        except (OSError, ValueError, DiagnosticError):
            return False

    def check(self) -> None:
        """Refuse an image that nnU-Net could not read, or an output that cannot be written.

        Raises
        ------
        DiagnosticError
            IO0xx, NNU009.
        """
        header = read_header(self.image)
        problems = four_axes(self.image, header) or check_output(self.output, [self.image])
        if problems:
            raise DiagnosticError(problems)
        try:
            self.record.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.record.parent, error) from None

    def finish(self, predicted: Path, ids: LabelIds) -> None:
        """Bring what nnU-Net predicted to its place, in our integers, on the image's grid.

        Raises
        ------
        DiagnosticError
            NNU022 where it does not fit the image or the table; IO05x where it cannot be written.
        """
        volume = read_labels(predicted)
        header = read_header(self.image)
        near = GRID_TOLERANCE_VOXELS * min(header.grid.spacing_mm)
        if header.grid.offset_mm(volume.grid) > near:
            text = f"the prediction of `{self.case}` does not lie on the voxels of its image"
            raise failure("NNU022", self.image, text)
        try:
            labels = ids.to_ours(volume.array)
        except ValueError as error:
            raise failure("NNU022", self.image, f"prediction of `{self.case}`: {error}") from None
        write_labels(self.output, labels, header.grid, header.nifti, inputs=[self.image])
        write_json(self.record, self._content())

    def _content(self) -> dict[str, object]:
        return {
            "schema": RECORD_SCHEMA,
            "case": self.case,
            **self.key,
            "image_sha256": file_digest(self.image),
            "output_sha256": file_digest(self.output),
        }
