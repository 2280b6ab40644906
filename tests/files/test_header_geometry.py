"""Fields of a header that contradict each other are told of, and what is written says one place.

SimpleITK, which trusts other fields than nibabel does, is the judge of what is written.
"""

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.files.header_geometry import strange_lengths
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.nifti_header import read_header
from vesalius.adapters.files.nifti_write import write_labels
from vesalius.engine.runs.grid import Grid

SPACED = np.array([[2.0, 0, 0, -5], [0, 3, 0, 7], [0, 0, 4, 11], [0, 0, 0, 1]])
MIRRORED = np.diag([-1.0, 1, 1, 1]) @ SPACED


def sheared(degrees):
    affine = SPACED.copy()
    affine[:3, 1] = 3 * np.array([np.sin(np.radians(degrees)), np.cos(np.radians(degrees)), 0])
    return affine


def picture(labels, sform, qform, image=nib.Nifti1Image, order="<", codes=(1, 1)):
    made = image(labels, SPACED, image.header_class(endianness=order), dtype=np.uint8)
    made.set_qform(qform, codes[1])
    made.set_sform(sform, codes[0])
    return made


def odd(name, labels, **change):
    """Make one odd header by its name."""
    forms = {
        "sform only": (SPACED, SPACED, (2, 0)),
        "qform only": (SPACED, MIRRORED, (0, 1)),
        "mirrored qform": (SPACED, MIRRORED, (1, 1)),
        "other spacing in qform": (SPACED, np.diag([1.0, 1, 1, 1]), (1, 1)),
        "other pixdim": (SPACED, np.diag([1.0, 1, 1, 1]), (1, 0)),
        "neither": (SPACED, SPACED, (0, 0)),
        "metres": (SPACED, SPACED, (1, 1)),
        "true metres": (np.diag([1e-3] * 3 + [1]) @ SPACED, np.diag([1e-3] * 3 + [1]) @ SPACED,
                        (1, 1)),
        "micrometres": (np.diag([1e3] * 3 + [1]) @ SPACED, np.diag([1e3] * 3 + [1]) @ SPACED,
                        (1, 1)),
        "rounded": (np.round(sheared(0.03), 3), SPACED, (1, 0)),
    }  # fmt: skip
    sform, qform, codes = forms.get(name, (SPACED, SPACED, (1, 1)))
    made = picture(labels, sform, qform, codes=codes, **change)
    if "metres" in name:
        made.header["xyzt_units"] = 3 if name == "micrometres" else 1
    return made


ODD = [
    "right", "sform only", "qform only", "mirrored qform", "other spacing in qform",
    "other pixdim", "neither", "metres", "true metres", "micrometres", "rounded",
]  # fmt: skip


@pytest.fixture
def seg(labels):
    return np.where(labels > 100, 1, 0).astype(np.uint8)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("change", [{}, {"order": ">"}], ids=["little-endian", "big-endian"])
def test_itk_and_nibabel_read_one_place_from_what_is_written(tmp_path, seg, name, change):
    sitk = pytest.importorskip("SimpleITK")
    nib.save(odd(name, seg, **change), tmp_path / "in.nii")
    given = read_labels(tmp_path / "in.nii")
    write_labels(tmp_path / "out.nii.gz", given.array, given.grid, given.header)
    itk, written = sitk.ReadImage(str(tmp_path / "out.nii.gz")), nib.load(tmp_path / "out.nii.gz")
    lps = np.diag([-1.0, -1, 1, 1]) @ written.affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    assert np.allclose(itk.GetSpacing(), spacing, rtol=1e-5)
    assert np.allclose(itk.GetOrigin(), lps[:3, 3], atol=1e-4)
    direction = np.array(itk.GetDirection()).reshape(3, 3)
    assert np.allclose(direction, lps[:3, :3] / spacing, atol=1e-3)
    assert np.allclose(written.affine, given.grid.affine, atol=1e-5)
    assert np.array_equal(sitk.GetArrayFromImage(itk).T, seg)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("right", []),
        ("sform only", []),
        ("qform only", []),
        ("mirrored qform", ["IO013: left and right exchanged"]),
        ("other spacing in qform", ["IO013: voxels of 2 x 3 x 4 and of 1 x 1 x 1 mm"]),
        ("other pixdim", ["IO017: pixdim says voxels of 1 x 1 x 1 mm, the sform of 2 x 3 x 4 mm"]),
        ("neither", ["IO014: left and right are a guess"]),
        ("metres", ["IO015: metres; they are read as millimetres"]),
        ("true metres", ["IO015: metres; they are turned into millimetres"]),
        ("micrometres", ["IO015: micrometres; they are turned into millimetres"]),
    ],
)
def test_what_is_said_of_an_odd_header(tmp_path, seg, name, said):
    nib.save(odd(name, seg), tmp_path / "in.nii")
    header = read_header(tmp_path / "in.nii")
    found = {d.code: d.message for d in header.diagnostics}
    assert sorted(found) == [each.split(": ")[0] for each in said]
    for each in said:
        code, text = each.split(": ", 1)
        assert text in found[code]
    if "turned" in "".join(said) or name in ("right", "mirrored qform"):
        assert np.allclose(header.grid.affine, SPACED, rtol=1e-6)


@pytest.mark.parametrize(
    ("at", "form", "value", "text"),
    [
        (72, "<h", 16, "bitpix says 16 bits per voxel, the voxel type uint8 has 8"),
        (76, "<f", 3.0, "pixdim[0] is 3; the sign of the qform is 1 or -1"),
        (48, "<h", 5, "dim says 3 axes, and yet a further one of 5; 5 x 6 x 7 voxels are read"),
        (80, "<f", 0.0, "a length of 0 is read as 1 mm"),
    ],
)
def test_every_field_is_held_against_the_others(tmp_path, seg, patch, at, form, value, text):
    codes = (0, 1) if at in (76, 80) else (1, 1)
    nib.save(picture(seg, SPACED, SPACED, codes=codes), tmp_path / "in.nii")
    assert read_header(tmp_path / "in.nii").diagnostics == ()
    patch(tmp_path / "in.nii", at, form, value)
    found = read_header(tmp_path / "in.nii").diagnostics
    assert [d.code for d in found] == ["IO017"]
    assert found[0].severity == "warning"
    assert text in found[0].message


def test_a_guess_stays_a_guess_in_what_is_written(tmp_path, seg):
    nib.save(odd("neither", seg), tmp_path / "in.nii")
    given = read_labels(tmp_path / "in.nii")
    write_labels(tmp_path / "out.nii", given.array, given.grid, given.header)
    found = read_header(tmp_path / "out.nii").diagnostics
    assert [d.code for d in found] == ["IO014"]


@pytest.mark.parametrize(
    ("degrees", "codes", "said"),
    [
        (20, (1, 0), "IO017 the axes of the sform are not perpendicular"),
        (20, (1, 1), "IO013 sform and qform of the header disagree (the sform is sheared; up to"),
        (3, (1, 0), None),
        (0, (1, 0), None),
    ],
)
def test_a_sheared_sform_is_told_of(tmp_path, seg, degrees, codes, said):
    """3 degrees over six voxels move no corner by half of one."""
    made = picture(seg, sheared(degrees), SPACED, codes=codes)
    made.header["pixdim"][1:4] = [2, 3, 4]
    nib.save(made, tmp_path / "in.nii")
    header = read_header(tmp_path / "in.nii")
    found = [f"{d.code} {d.message}" for d in header.diagnostics]
    assert len(found) == (said is not None)
    assert all(each.startswith(str(said)) for each in found)
    assert np.allclose(header.grid.affine, sheared(degrees), atol=1e-6)


def test_a_place_that_no_qform_can_say_has_none(tmp_path, seg):
    nib.save(picture(seg, sheared(20), SPACED), tmp_path / "in.nii")
    given = read_labels(tmp_path / "in.nii")
    write_labels(tmp_path / "out.nii", given.array, given.grid, given.header)
    header = nib.load(tmp_path / "out.nii").header
    assert int(header["qform_code"]) == 0
    assert np.allclose(header.get_sform(), sheared(20), atol=1e-5)
    assert np.allclose(header["pixdim"][1:4], [2, 3, 4], rtol=1e-5)


@pytest.mark.parametrize(("edge", "codes"), [(1e-20, ["IO015"]), (0.05, []), (2e3, ["IO015"])])
def test_voxels_of_no_scanner_are_doubted(edge, codes):
    found = [*strange_lengths(Grid((2, 3, 4), np.diag([1, 1, edge, 1])))]
    assert [each.code for each in found] == codes


def test_they_are_doubted_in_a_file(tmp_path, seg):
    nib.save(nib.Nifti1Image(seg, np.diag([1, 1, 1e-9, 1])), tmp_path / "seg.nii")
    assert [each.code for each in read_header(tmp_path / "seg.nii").diagnostics] == ["IO015"]
