"""Class names in NIfTI header extensions against the scheme a file is read with."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.embedded_names import (
    check_names,
    names_inside,
)
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.names_beside import names_in_dataset_json
from vesalius.ontology.load import load_ontology, load_scheme
from vesalius.ontology.reading.render import render_human

GOLDEN = Path(__file__).parent / "golden"
AMOS = {1: "spleen", 2: "kidney_right", 3: "kidney_left"}


def xml(names: dict[int, str], start: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    labels = "".join(
        f'<Label Key="{key}" Red="1" Green="0" Blue="0" Alpha="1"><![CDATA[{name}]]></Label>\n'
        for key, name in names.items()
    )
    table = f"<VolumeInformation><LabelTable>{labels}</LabelTable></VolumeInformation>"
    return f"{start}<CaretExtension>{table}</CaretExtension>".encode()


def compare(path, text):
    if os.environ.get("VESALIUS_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(*blocks: bytes, name: str = "seg.nii.gz", kind=nib.Nifti1Image, order="<") -> str:
        header = kind.header_class(endianness=order)
        image = kind(np.zeros((3, 4, 5), np.uint8), np.eye(4), header)
        for block in blocks:
            image.header.extensions.append(nib.nifti1.Nifti1Extension(0, block))
        nib.save(image, name)
        return name

    return write


@pytest.fixture
def amos():
    return load_scheme("amos22", load_ontology())


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("name", ["seg.nii", "seg.nii.gz"])
def test_names_are_read(write, kind, order, name):
    other = b"<not><names></not>"
    assert (
        names_inside(read_labels(write(other, xml(AMOS), kind=kind, order=order, name=name)))
        == AMOS
    )


def test_no_names(write):
    assert names_inside(read_labels(write())) == {}
    assert names_inside(read_labels(write(b"anything", b"<Label", xml({})))) == {}


def test_entities_are_not_expanded(write):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    assert names_inside(read_labels(write(xml({1: "spleen"}, start=bomb)))) == {}


def test_agreement_says_nothing(write, amos):
    assert check_names(read_labels(write(xml(AMOS))), amos) == []
    assert check_names(read_labels(write(xml({1: "Spleen", 2: "right kidney"}))), amos) == []
    assert check_names(read_labels(write()), amos) == []


def test_disagreement(write, amos):
    names = {**AMOS, 2: "kidney_left", 3: "kidney_right", 99: "brain"}
    found = check_names(read_labels(write(xml(names))), amos)
    assert [(d.code, d.severity) for d in found] == [("IO044", "warning")]
    compare(GOLDEN / "IO044-names.txt", render_human(found))


def test_the_schemes_that_fit_are_named(write, amos):
    ontology = load_ontology()
    scheme = load_scheme("totalsegmentator_v2", ontology)
    names = {entry.integer: entry.name for entry in scheme.entries}
    (found,) = check_names(read_labels(write(xml(names))), amos)
    assert found.help == "the names fit `totalsegmentator_v2`"


def nnunet(labels, **more):
    Path("dataset.json").write_text(json.dumps({"labels": labels, **more}))


@pytest.mark.parametrize(
    "data",
    [
        {"labels": {"background": 0, "spleen": 1, "kidney_right": 2, "ignore": 3}},
        {"labels": {"0": "background", "1": "spleen", "2": "kidney_right"}},
        {"labels": {"background": "0", "spleen": "1", "kidney_right": "2"}},
        {"labels": {"background": 0.0, "spleen": 1.0, "kidney_right": 2.0}},
        {"labels": ["background", "spleen", "kidney_right"]},
        {
            "labels": {"background": 0, "spleen": [1, 2], "kidney_right": [2], "ignore": 3},
            "regions_class_order": [1, 2],
        },
    ],
)
def test_names_in_the_dataset_json_of_any_version(tmp_path, data):
    (tmp_path / "dataset.json").write_text(json.dumps(data))
    names = names_in_dataset_json(tmp_path / "dataset.json")
    assert names == {1: "spleen", 2: "kidney_right"}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"labels": 3}', '{"labels": {"a": {}}}'])
def test_a_dataset_json_that_says_nothing_is_a_check_that_was_not_made(write, amos, tmp_path, text):
    path = write()
    (tmp_path / "dataset.json").write_text(text)
    (found,) = check_names(read_labels(path), amos)
    assert (found.code, found.severity) == ("IO048", "warning")
    assert "`dataset.json` beside the file cannot be read" in found.message


SWAPPED = {1: "spleen", 2: "kidney_left", 3: "kidney_right"}
BY_NAME = {"labels": {"background": 0, **{name: key for key, name in SWAPPED.items()}}}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("dataset.json", json.dumps(BY_NAME).encode("utf-8-sig")),
        ("dataset.json", json.dumps(BY_NAME).encode("utf-16")),
        ("dataset.json", json.dumps(BY_NAME).encode("utf-32")),
        ("dataset.json", json.dumps({**BY_NAME, "by": "ü"}, ensure_ascii=False).encode("latin-1")),
        ("dataset.json", json.dumps(BY_NAME, indent=1).replace("\n", "\r\n").encode()),
        ("dataset.json", json.dumps(SWAPPED).encode()),
        ("seg.json", json.dumps(SWAPPED).encode()),
        ("seg.ctbl", b"".join(f"{k} {n} 9 9 9 255\n".encode() for k, n in SWAPPED.items())),
        ("labels.ctbl", b"".join(f"{k} {n} 9 9 9 255\n".encode() for k, n in SWAPPED.items())),
        ("labels.txt", b"".join(f'{k} 9 9 9 1 1 1 "{n}"\n'.encode() for k, n in SWAPPED.items())),
        ("metadata.json", json.dumps({"network_data_format": {"outputs": {"pred": {
            "channel_def": {str(k): n for k, n in SWAPPED.items()}}}}}).encode()),
    ],
)  # fmt: skip
def test_names_beside_are_compared_in_whatever_form_they_are(write, amos, tmp_path, name, data):
    path = write()
    (tmp_path / name).write_bytes(data)
    (found,) = check_names(read_labels(path), amos)
    assert found.code == "IO044"
    assert f"`{name}` beside the file" in found.message
    assert "2 is `kidney_left` there" in found.message


@pytest.mark.parametrize("name", ["seg.json", "metadata.json", "notes.txt"])
def test_other_files_beside_are_none_of_its_business(write, amos, tmp_path, name):
    path = write()
    (tmp_path / name).write_text('{"Modality": "CT"}')
    assert check_names(read_labels(path), amos) == []


def test_names_in_other_words_are_the_same(write, amos):
    path = write()
    nnunet({"background": 0, "Milz": 1, "right kidney": 2, "Left Kidney": 3})
    assert check_names(read_labels(path), amos) == []


def test_a_link_to_nowhere_is_a_check_that_was_not_made(write, amos, tmp_path):
    path = write()
    (tmp_path / "dataset.json").symlink_to("gone.json")
    assert [d.code for d in check_names(read_labels(path), amos)] == ["IO048"]


def test_a_folder_of_nnunet_predictions(write, amos):
    """Ids of nnU-Net read with the integers of a scheme: sides and organs would be wrong."""
    path = write()
    nnunet({"background": 0, "spleen": 1, "kidney_right": 2, "kidney_left": 3})
    assert check_names(read_labels(path), amos) == []
    nnunet({"background": 0, "spleen": 1, "kidney_left": 2, "kidney_right": 3, "liver": 4})
    Path("plans.json").write_text('{"dataset_name": "Dataset501_mine"}')
    (found,) = check_names(read_labels(path), amos)
    compare(GOLDEN / "IO044-dataset_json.txt", render_human([found]))
    # The names in the file itself are nearer.
    assert check_names(read_labels(write(xml(AMOS))), amos) == []


def test_a_folder_of_masks_has_no_names(write, amos):
    Path("masks").mkdir()
    write(xml({1: "liver"}), name="masks/spleen.nii.gz")
    for folder in (Path(), Path("masks")):
        (folder / "dataset.json").write_text(json.dumps({"labels": {"liver": 1}}))
    assert check_names(read_mask_folder("masks", amos), amos) == []


def test_the_pickle_of_nnunet_v1_is_not_opened(write, amos, tmp_path):
    path = write()
    (tmp_path / "plans.pkl").write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    assert check_names(read_labels(path), amos) == []
    assert not (tmp_path / "ran").exists()


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "scheme", "fits"),
    [
        ("seg_v2_ids_after_2.2.1_rib_fix", "totalsegmentator_v2", None),
        ("seg_v2_IDS_BEFORE_2.2.1_rib_fix", "totalsegmentator_v2_pre221", None),
        (
            "seg_v2_IDS_BEFORE_2.2.1_rib_fix", "totalsegmentator_v2",
            "the names fit `totalsegmentator_v2_pre221`",
        ),
        ("seg_v2", "totalsegmentator_v1", "the names fit `totalsegmentator_v2`"),
    ],
)  # fmt: skip
def test_real_files(file, scheme, fits):
    folder = Path(os.environ.get("VESALIUS_DATA", "../shared/data")) / "ts_example_ct_slab30"
    if not folder.is_dir():
        pytest.skip("VESALIUS_DATA is absent")
    loaded = load_scheme(scheme, load_ontology())
    found = check_names(read_labels(folder / f"{file}.nii.gz"), loaded)
    assert [d.help for d in found] == ([] if fits is None else [fits])
