"""Every way in which a file or a folder is read and doubted: makers, by the code they get."""

from pathlib import Path

import nibabel as nib
import numpy as np
from files.wrong_files import box, read_image

import vesalius
from vesalius.adapters.files.align import align
from vesalius.adapters.files.embedded_names import check_names
from vesalius.adapters.files.hounsfield import hounsfield_doubt
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.nifti_header import read_header
from vesalius.engine.runs.grid import Grid
from vesalius.ontology.load import load_ontology, load_scheme


def two_forms(c):
    path = c.file()
    c.patch(path, 252, "<h", 1)
    return read_header(c.patch(path, 268, "<f", 99.0)).diagnostics


def bad_qform(c):
    path = c.patch(c.file(), 252, "<h", 1)
    return read_header(c.patch(path, 256, "<3f", 2.0, 2.0, 2.0)).diagnostics


def no_forms(c):
    return read_header(c.patch(c.file(), 252, "<2h", 0, 0)).diagnostics


def metres(c):
    return read_header(c.patch(c.file(), 123, "b", 1)).diagnostics


def unknown_code(c):
    return read_header(c.patch(c.file(), 252, "<h", 9)).diagnostics


def scaled(c):
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    picture = nib.Nifti1Image(c.labels.astype(float), np.eye(4), header)
    nib.save(picture, "seg.nii.gz")
    return read_labels("seg.nii.gz").diagnostics


def overlaps(c):
    return c.read_masks(
        apple=box(1, 1, 1, 1, 0), pear=box(0, 0, 1, 1, 1), plum=box(0, 0, 0, 1, 1)
    ).diagnostics


def resampled(c):
    labels = np.zeros((6, 6, 6), np.uint8)
    labels[2:4, 2:4, 2:4], labels[5, 5, 5] = 3, 9
    volume = read_labels(c.file(array=labels, where=np.eye(4)))
    target = Grid((4, 3, 3), np.diag([2.0, 2, 2, 1]))
    return align(volume, target, resample=True).diagnostics


def trusted(c):
    volume = read_labels(c.file(where=np.eye(4)))
    turned = np.array([[0.999, -0.045, 0, 0], [0.045, 0.999, 0, 0], [0, 0, 1, 9], [0, 0, 0, 1]])
    return align(volume, Grid((2, 3, 4), turned), trust=True).diagnostics


def names_cut_off(c):
    Path("dataset.json").write_text('{"labels": {"background": 0, "spl')
    return check_names(read_labels(c.file()), load_scheme("amos22", load_ontology()))


def inside(c):
    Path("case/segmentations").mkdir(parents=True)
    c.save("case/segmentations/pear.nii.gz", (c.labels > 4).astype(np.uint8), np.eye(4))
    c.save("case/ct.nii.gz", c.labels, np.eye(4))
    return read_mask_folder(Path("case"), c.scheme).diagnostics


def no_data(c):
    values = np.where(c.labels > 20, np.inf, c.labels.astype(float) - 30)
    made = vesalius.lint(
        (c.labels % 3, np.eye(4)), "amos22", image=(values, np.eye(4)), select="density/*"
    )
    return [d for d in made.remarks if d.code == "IO047"]


def other_view(c):
    volume = read_labels(c.file(where=np.eye(4)))
    shift = np.eye(4)
    shift[0, 3] = 1
    return align(volume, Grid((3, 3, 4), shift)).diagnostics


def no_negative_value(c):
    path = c.file("ct.nii.gz", np.full((2, 2, 2), 1024, np.int16))
    return [hounsfield_doubt(path, read_image(path))]


def no_value_at_all(c):
    path = c.file("ct.nii.gz", np.full((2, 2, 2), np.nan, np.float32))
    return [hounsfield_doubt(path, read_image(path))]


REMARKS = {
    "IO013": [two_forms, bad_qform],
    "IO014": [no_forms],
    "IO015": [metres],
    "IO016": [scaled],
    "IO017": [unknown_code],
    "IO019": [no_negative_value, no_value_at_all],
    "IO034": [overlaps],
    "IO037": [inside],
    "IO041": [resampled],
    "IO043": [other_view],
    "IO046": [trusted],
    "IO047": [no_data],
    "IO048": [names_cut_off],
}
