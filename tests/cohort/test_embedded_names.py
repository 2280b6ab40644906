"""Class names in NIfTI header extensions against the scheme a file is read with."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.embedded_names import (
    check_embedded_names,
    names_in_dataset_json,
    read_embedded_names,
)
from vesalius.ontology.library import load_scheme, packaged_ontology
from vesalius.ontology.render import render_human

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
    return load_scheme("amos22", packaged_ontology())


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("name", ["seg.nii", "seg.nii.gz"])
def test_names_are_read(write, kind, order, name):
    other = b"<not><names></not>"
    assert read_embedded_names(write(other, xml(AMOS), kind=kind, order=order, name=name)) == AMOS


def test_no_names(write):
    assert read_embedded_names(write()) == {}
    assert read_embedded_names(write(b"anything", b"<Label", xml({}))) == {}


def test_entities_are_not_expanded(write):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    assert read_embedded_names(write(xml({1: "spleen"}, start=bomb))) == {}


def test_agreement_says_nothing(write, amos):
    assert check_embedded_names(write(xml(AMOS)), amos) == []
    assert check_embedded_names(write(xml({1: "Spleen", 2: "right kidney"})), amos) == []
    assert check_embedded_names(write(), amos) == []
    assert check_embedded_names(".", amos) == []
    assert check_embedded_names("absent.nii.gz", amos) == []


def test_disagreement(write, amos):
    names = {**AMOS, 2: "kidney_left", 3: "kidney_right", 99: "brain"}
    found = check_embedded_names(write(xml(names)), amos)
    assert [(d.code, d.severity) for d in found] == [("IO044", "warning")]
    compare(GOLDEN / "IO044-names.txt", render_human(found))


def test_the_schemes_that_fit_are_named(write, amos):
    ontology = packaged_ontology()
    scheme = load_scheme("totalsegmentator_v2", ontology)
    names = {entry.integer: entry.name for entry in scheme.entries}
    (found,) = check_embedded_names(write(xml(names)), amos)
    assert found.help == "the names fit `totalsegmentator_v2`"


def nnunet(labels, **more):
    Path("dataset.json").write_text(json.dumps({"labels": labels, **more}))


@pytest.mark.parametrize(
    "data",
    [
        {"labels": {"background": 0, "spleen": 1, "kidney_right": 2, "ignore": 3}},
        {"labels": {"0": "background", "1": "spleen", "2": "kidney_right"}},
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
def test_a_dataset_json_that_says_nothing(write, amos, tmp_path, text):
    path = write()
    (tmp_path / "dataset.json").write_text(text)
    assert check_embedded_names(path, amos) == []


def test_a_folder_of_nnunet_predictions(write, amos):
    """Ids of nnU-Net read with the integers of a scheme: sides and organs would be wrong."""
    path = write()
    nnunet({"background": 0, "spleen": 1, "kidney_right": 2, "kidney_left": 3})
    assert check_embedded_names(path, amos) == []
    nnunet({"background": 0, "spleen": 1, "kidney_left": 2, "kidney_right": 3, "liver": 4})
    Path("plans.json").write_text('{"dataset_name": "Dataset501_mine"}')
    (found,) = check_embedded_names(path, amos)
    compare(GOLDEN / "IO044-dataset_json.txt", render_human([found]))
    # The names in the file itself are nearer.
    assert check_embedded_names(write(xml(AMOS)), amos) == []


def test_the_pickle_of_nnunet_v1_is_not_opened(write, amos, tmp_path):
    path = write()
    (tmp_path / "plans.pkl").write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    assert check_embedded_names(path, amos) == []
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
    loaded = load_scheme(scheme, packaged_ontology())
    found = check_embedded_names(folder / f"{file}.nii.gz", loaded)
    assert [d.help for d in found] == ([] if fits is None else [fits])
