"""A phantom as a case on disk: the CT, the truth and what each source would say."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nibabel as nib

from vesalius.adapters.files.atomic import Outputs
from vesalius.adapters.files.gzip_stream import gzip_writer
from vesalius.adapters.files.nifti_write import add_labels
from vesalius.adapters.phantom.phantom import Phantom, truth_labels
from vesalius.adapters.phantom.predict import clean_prediction
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.scheme import Scheme


def write_case(
    phantom: Phantom,
    folder: str | Path,
    sources: Iterable[Scheme],
    target: Scheme,
    ontology: Ontology,
) -> dict[str, Path]:
    """Write a phantom as NIfTI files, all of them or none.

    Parameters
    ----------
    phantom : Phantom
        What is written.
    folder : str or Path
        Made where it does not exist.
    sources : iterable of Scheme
        One perfect prediction is written for each.
    target : Scheme
        The integers of the truth.
    ontology : Ontology
        Says what each class of a source covers.

    Returns
    -------
    dict of str to Path
        ``ct``, ``truth`` and each scheme's name, to ``ct.nii.gz``, ``truth.nii.gz`` and
        ``predictions/<scheme>.nii.gz``.

    Raises
    ------
    DiagnosticError
        IO050 no permission or a file is in the way; IO051 disk full.
    """
    root = Path(folder)
    written = {"ct": root / "ct.nii.gz", "truth": root / "truth.nii.gz"}
    with Outputs(folder=root / "predictions") as outputs:
        with outputs.create(written["ct"]) as file, gzip_writer(file) as compressed:
            _ct_image(phantom).to_stream(compressed)
        add_labels(outputs, written["truth"], truth_labels(phantom, target), phantom.grid)
        for scheme in sources:
            path = root / "predictions" / f"{scheme.name}.nii.gz"
            labels = clean_prediction(phantom, scheme, ontology)
            add_labels(outputs, path, labels, phantom.grid)
            written[scheme.name] = path
    return written


def _ct_image(phantom: Phantom) -> Any:  # noqa: ANN401 - nibabel's images are untyped
    make: Any = nib.Nifti1Image
    image = make(phantom.ct, phantom.grid.affine)
    image.header.set_xyzt_units("mm")
    return image
