"""Class names beside a label map are found in every form and spelling, and never taken for more."""

import json

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.embedded_names import check_names
from vesalius.adapters.files.label_volume import read_labels
from vesalius.ontology.load import load_ontology, load_scheme

SWAPPED = {1: "spleen", 2: "kidney_left", 3: "kidney_right"}
DATASET = json.dumps({"labels": {"background": 0, **{n: i for i, n in SWAPPED.items()}}})
ROWS = list(SWAPPED.items())
TABLE = "\n".join(f"{i},{n}" for i, n in ROWS)
TABS = "\n".join(f"{i}\t{n}" for i, n in ROWS)
COLOURS = "\n".join(f"{i} {n} 10 20 30 255" for i, n in ROWS)
SNAP = "\n".join(f'{i} 1 2 3 1 1 1 "{n}"' for i, n in ROWS)


@pytest.fixture(scope="module")
def amos():
    return load_scheme("amos22", load_ontology())


@pytest.fixture
def said(tmp_path, save, amos):
    """Give the codes of what is said of a label map beside which a file lies."""

    def said(name, content, folder="case"):
        path = tmp_path / folder / "seg.nii.gz"
        path.parent.mkdir()
        save(path, np.zeros((3, 4, 5), np.uint8))
        beside = path.parent / name
        if isinstance(content, bytes):
            beside.write_bytes(content)
        else:
            beside.write_text(content, encoding="utf-8")
        return [
            (d.code, d.message.partition(" names")[0]) for d in check_names(read_labels(path), amos)
        ]

    return said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Dataset.json", DATASET),
        ("DATASET.JSON", DATASET),
        ("labels.label", SNAP),
        ("seg.label", SNAP),
        ("seg.LABEL", SNAP),
        ("seg.csv", f"label,name\n{TABLE}"),
        ("labels.csv", f"label,name\n{TABLE}"),
        ("seg.tsv", f"index\tname\n{TABS}"),
        ("dseg.tsv", f"index\tname\n{TABS}"),
        ("dseg.tsv", f"index\tname\n{TABS}".encode("utf-16")),
        ("label_map.json", json.dumps(SWAPPED)),
        ("FreeSurferColorLUT.txt", COLOURS),
        ("labels.txt", TABLE.replace(",", " ")),
        ("labels.txt", TABLE.replace(",", ": ")),
        ("seg.txt", "\n".join(f"{n} = {i}" for i, n in ROWS)),
    ],
)  # fmt: skip
def test_names_are_read(said, name, content):
    assert said(name, content) == [("IO044", f"`{name}` beside the file")]


@pytest.mark.parametrize("folder", ["labelsTr", "labelsTs"])
def test_those_of_a_dataset_lie_above_its_labels(said, folder):
    assert said("../dataset.json", DATASET, folder) == [
        ("IO044", "`dataset.json` above its folder")
    ]


def test_those_above_another_folder_are_of_something_else(said):
    assert said("../dataset.json", DATASET) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.csv", "id,label\n1,benign\n2,malignant\n3,benign\n"),
        ("seg.csv", "label,volume_ml\n1,34.2\n2,60.1\n"),
        ("seg.json", json.dumps({"Modality": "CT", "SliceThickness": 5})),
        ("seg.txt", "made by a program\non a day\n"),
    ],
)
def test_other_tables_are_no_names(said, name, content):
    assert said(name, content) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("dseg.tsv", "index\tname\nspleen\t\n"),
        ("seg.ctbl", "no table"),
        ("labels.label", b"\xff\xfe"),
    ],
)
def test_what_should_hold_names_and_does_not_is_told(said, name, content):
    ((code, text),) = said(name, content)
    assert (code, text.startswith(f"`{name}` beside the file cannot be read")) == ("IO048", True)


def test_a_table_in_the_header_that_is_cut_is_told(tmp_path, amos):
    image = nib.Nifti1Image(np.zeros((3, 4, 5), np.uint8), np.eye(4))
    block = b'<CaretExtension><LabelTable><Label Key="2">kidney_left</Label><Label'
    image.header.extensions.append(nib.nifti1.Nifti1Extension(0, block))
    nib.save(image, tmp_path / "seg.nii.gz")
    (found,) = check_names(read_labels(tmp_path / "seg.nii.gz"), amos)
    assert (found.code, found.severity) == ("IO048", "warning")
