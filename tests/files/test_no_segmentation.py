"""What is no segmentation is called by its name, with the way to one; nothing else is tried."""

import gzip
import io

import numpy as np
import pytest

from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_names import mask_files
from vesalius.adapters.files.nifti_header import read_header
from vesalius.ontology.reading.diagnostics import DiagnosticError


def refused(read, path):
    with pytest.raises(DiagnosticError) as raised:
        read(path)
    (found,) = raised.value.diagnostics
    return found


def npz():
    made = io.BytesIO()
    np.savez(made, labels=np.zeros(3))
    return made.getvalue()


def dicom(kind):
    """The first bytes of a file whose kind is named, padded to an even length."""
    name = f"1.2.840.10008.5.1.4.1.1.{kind}".encode()
    name += b"\0" * (len(name) % 2)
    return bytes(128) + b"DICM" + bytes(28) + name + b"\x02\x00\x03\x00" + bytes(300)


FORMATS = {
    "tar": (bytes(257) + b"ustar\0" + bytes(300), "a tar archive", "unpack it first"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(400), "a 7-Zip archive", "unpack it first"),
    "rar": (b"Rar!\x1a\x07\0" + bytes(400), "a RAR archive", "unpack it first"),
    "zip": (b"PK\x03\x04" + bytes(400), "a zip archive", "unpack it first"),
    "bz2": (b"BZh9" + bytes(400), "a file compressed with bzip2", "unpack it first"),
    "npz": (npz(), "a NumPy archive", "nibabel.Nifti1Image(array, affine)"),
    "mat": (b"MATLAB 5.0 MAT-file" + bytes(400), "a MATLAB file", "convert it first"),
    "pkl": (b"\x80\x04\x95" + bytes(400), "a pickle of Python", "convert it first"),
    "jpg": (b"\xff\xd8\xff\xe0" + bytes(400), "a JPEG picture", "convert it first"),
    "vtk": (b"# vtk DataFile Version 3.0\n" + bytes(9), "a VTK file", "convert it first"),
    "dcm": (bytes(128) + b"DICM" + bytes(300), "a DICOM file", "dcm2niix"),
    "seg.dcm": (dicom("66.4"), "a segmentation in DICOM (SEG)", "segimage2itkimage"),
    "rt.dcm": (dicom("481.3"), "a structure set in DICOM (RTSTRUCT)", "dcmrtstruct2nii"),
    "mesh.dcm": (dicom("66.5"), "a DICOM file", "dcm2niix"),
}


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_format_is_named(tmp_path, ending, packed):
    content, name, way = FORMATS[ending]
    path = tmp_path / (f"seg.{ending}.gz" if packed else f"seg.{ending}")
    path.write_bytes(gzip.compress(content) if packed else content)
    found = refused(read_labels, path)
    assert (found.code, found.message) == ("IO003", f"this is {name}, not a NIfTI file")
    assert way in found.help


@pytest.mark.parametrize("name", ["seg.nii.gz", "seg.nii"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("404: Not Found", "`404: Not Found`"),
        ("\n\n# xet version 0\nfilesize = 12", "`# xet version 0`"),
        ("outs:\n- md5: a304", "`outs:`"),
        ("Zugriff für Gäste gesperrt " * 40, "`Zugriff für Gäste gesperrt Zugriff für G…`"),
        ("\ufeffPlease log in", "`Please log in`"),
    ],
)
def test_a_text_in_its_place_is_shown(tmp_path, name, text, shown):
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = refused(read_labels, tmp_path / name)
    assert found.code == "IO003"
    assert found.message.endswith(f"it begins with {shown}")


def test_a_file_that_was_never_filled_is_told(tmp_path):
    (tmp_path / "seg.nii.gz").write_bytes(bytes(5000))
    assert "all 0" in refused(read_labels, tmp_path / "seg.nii.gz").message


def test_what_is_neither_text_nor_known_is_no_header(tmp_path):
    (tmp_path / "seg.nii").write_bytes(np.random.default_rng(0).bytes(2000))
    assert "no header" in refused(read_labels, tmp_path / "seg.nii").message


def test_a_folder_says_what_its_files_are(tmp_path):
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM" + bytes(40))
    found = refused(mask_files, tmp_path)
    assert (found.code, found.help) == (
        "IO030",
        "`IM0001` in it is a DICOM file: convert the series to one NIfTI file first, for example "
        "with `dcm2niix -z y`",
    )
    assert "dcm2niix" in refused(read_header, tmp_path).help
    (tmp_path / "IM0001").write_bytes(b"nothing")
    assert refused(mask_files, tmp_path).help.startswith("masks are files such as")
    assert refused(read_header, tmp_path).help == "give one file in it, a .nii or .nii.gz"


def test_voxels_of_single_bits_are_called_so(tmp_path, save, patch):
    path = patch(save(tmp_path / "seg.nii", np.zeros((2, 3, 4), np.uint8)), 70, "<h", 1)
    assert refused(read_labels, path).message == "voxels are single bits, which are not read"


def test_labels_lie_where_a_dataset_has_images_and_labels(tmp_path):
    for place in ("imagesTr/a_0000.nii.gz", "labelsTr/a.nii.gz"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).touch()
    assert f"such as `{tmp_path}/labelsTr`" in refused(mask_files, tmp_path).help


def test_a_pair_is_named_in_its_folder(tmp_path):
    (tmp_path / "seg.hdr").write_bytes(bytes(348))
    (tmp_path / "seg.img").write_bytes(bytes(10))
    found = refused(mask_files, tmp_path)
    assert (found.code, "`seg.hdr` in it is one half of a pair" in found.help) == ("IO030", True)


def test_a_few_bytes_of_gzip_are_not_called_cut_off(tmp_path):
    path = tmp_path / "seg.nii.gz"
    path.write_bytes(b"\x1f\x8bjunk")
    found = refused(read_labels, path)
    assert (found.code, found.message) == (
        "IO005",
        "the file has 6 bytes, and no gzip file has so few",
    )
