"""Every way in which a file or a folder can be wrong: makers of bad input, by the code they get."""

import errno
import gzip
import os
from pathlib import Path

import nibabel as nib
import numpy as np

from vesalius.adapters.files.align import align
from vesalius.adapters.files.atomic import write_text
from vesalius.adapters.files.image_values import read_values
from vesalius.adapters.files.label_volume import read_labels
from vesalius.adapters.files.mask_folder import read_mask_folder
from vesalius.adapters.files.nifti_header import parse_header
from vesalius.adapters.files.nifti_write import write_labels
from vesalius.adapters.files.opened import open_given
from vesalius.engine.runs.grid import Grid


class Case:
    """What the makers of bad input need."""

    def __init__(self, save, patch, scheme, monkeypatch):
        self.save, self.patch, self.scheme, self.monkeypatch = save, patch, scheme, monkeypatch
        self.labels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)

    def file(self, name="seg.nii.gz", array=None, where=None, **keywords):
        return self.save(name, self.labels if array is None else array, where, **keywords)

    def masks(self, **arrays):
        Path("masks").mkdir()
        for name, array in arrays.items():
            self.save(f"masks/{name}.nii.gz", np.asarray(array, np.uint8), np.eye(4))
        return Path("masks")

    def read_masks(self, **arrays):
        return read_mask_folder(self.masks(**arrays), self.scheme)


def read_image(path):
    with open_given(path) as opened:
        return read_values(opened, parse_header(opened))


def box(*values):
    return np.array(values, np.uint8).reshape(-1, 1, 1)


def missing(c):
    c.file("segmentation.nii.gz")
    read_labels("segmentatoin.nii.gz")


def dangling_link(c):
    Path("seg.nii.gz").symlink_to("gone.nii.gz")
    read_labels("seg.nii.gz")


def folder_as_file(c):
    Path("seg.nii.gz").mkdir()
    read_labels("seg.nii.gz")


def device(c):
    read_labels("/dev/null")


def no_permission(c):
    c.file()

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "no")

    c.monkeypatch.setattr("io.FileIO", refuse)
    read_labels("seg.nii.gz")


def wrong_magic(c):
    read_labels(c.patch(c.file(), 344, "4s", b"xyz\0"))


def not_nifti(c):
    Path("seg.nii.gz").write_bytes(gzip.compress(b"hello world" * 50))
    read_labels("seg.nii.gz")


def nrrd(c):
    Path("seg.nrrd").write_bytes(b"NRRD0004\n" + bytes(900))
    read_labels("seg.nrrd")


def empty_file(c):
    Path("seg.nii.gz").touch()
    read_labels("seg.nii.gz")


def ends_in_header(c):
    content = c.file("long.nii", image=nib.Nifti2Image).read_bytes()
    Path("seg.nii").write_bytes(content[:500])
    read_labels("seg.nii")


def not_gzip(c):
    c.file("plain.nii")
    Path("plain.nii").rename("seg.nii.gz")
    read_labels("seg.nii.gz")


def hidden_gzip(c):
    c.file()
    Path("seg.nii.gz").rename("seg.nii")
    read_labels("seg.nii")


def cut_off(c):
    content = c.file().read_bytes()
    Path("seg.nii.gz").write_bytes(content[:-20])
    read_labels("seg.nii.gz")


def trailing_garbage(c):
    path = c.file()
    path.write_bytes(path.read_bytes() + b"<html>not found</html>")
    read_labels(path)


def wrong_checksum(c):
    content = bytearray(c.file().read_bytes())
    content[-7] ^= 1
    Path("seg.nii.gz").write_bytes(content)
    read_labels("seg.nii.gz")


def short(c):
    path = c.file("seg.nii")
    path.write_bytes(path.read_bytes()[:-1])
    read_labels(path)


def short_but_whole_gzip(c):
    content = gzip.decompress(c.file().read_bytes())
    Path("seg.nii.gz").write_bytes(gzip.compress(content[:-1]))
    read_labels("seg.nii.gz")


def two_files_in_one(c):
    content = c.file().read_bytes()
    Path("seg.nii.gz").write_bytes(content + content)
    read_labels("seg.nii.gz")


def pair(c):
    nib.save(nib.Nifti1Pair(c.labels, np.eye(4)), "seg.img")
    read_labels("seg.hdr")


def pair_voxels(c):
    nib.save(nib.Nifti1Pair(c.labels, np.eye(4)), "seg.img")
    read_labels("seg.img")


def colours(c):
    rgb = np.zeros((2, 3, 4), np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    nib.save(nib.Nifti1Image(rgb, np.eye(4)), "seg.nii.gz")
    read_labels("seg.nii.gz")


def complex_numbers(c):
    read_labels(c.file(array=np.zeros((2, 3, 4), np.complex64)))


def unknown_type(c):
    read_labels(c.patch(c.file(), 70, "<h", 77))


def four_axes(c):
    read_labels(c.file(array=np.zeros((2, 3, 4, 5), np.uint8)))


def two_axes(c):
    read_labels(c.file(array=np.zeros((2, 3), np.uint8)))


def empty_axis(c):
    read_labels(c.patch(c.file(), 42, "<h", 0))


def nan_affine(c):
    read_labels(c.patch(c.file(), 284, "<f", float("nan")))


def singular_affine(c):
    read_labels(c.patch(c.file(), 280, "<12f", *[0.0] * 12))


def no_rotation(c):
    path = c.patch(c.file(), 252, "<2h", 1, 0)
    read_labels(c.patch(path, 256, "<3f", 2.0, 2.0, 2.0))


def bad_offset(c):
    read_labels(c.patch(c.file(), 108, "<f", 12.0))


def bad_inter(c):
    read_labels(c.patch(c.file(), 112, "<2f", 2.0, float("nan")))


def no_memory(c):
    path = c.file()
    honest = np.empty

    def poor(shape, *args, **keywords):
        if shape == c.labels.size:
            raise MemoryError
        return honest(shape, *args, **keywords)

    c.monkeypatch.setattr(np, "empty", poor)
    read_labels(path)


def fractions(c):
    read_labels(c.file(array=c.labels / 2))


def nan_labels(c):
    array = c.labels.astype(np.float32)
    array[1, 2, 3] = np.nan
    read_labels(c.file(array=array))


def negatives(c):
    array = c.labels.astype(np.int8)
    array[:, 0, 0] = -1
    read_labels(c.file(array=array))


def image_as_labels(c):
    read_labels(c.file(array=np.arange(-1000, 1000, dtype=np.int16).reshape(10, 10, 20)))


def too_large(c):
    array = c.labels.astype(np.int32)
    array[1, 0, 0] = 70000
    read_labels(c.file(array=array))


def empty_folder(c):
    c.read_masks()


def folder_without_masks(c):
    Path("masks").mkdir()
    Path("masks/readme.txt").touch()
    read_mask_folder("masks", c.scheme)


def file_as_folder(c):
    read_mask_folder(c.file(), c.scheme)


def unknown_masks(c):
    c.read_masks(apple=box(1, 0), appel=box(1, 0), zebra=box(1, 0))


def mask_grids(c):
    c.masks(apple=box(1, 0), pear=box(1, 0, 0))
    c.save("masks/plum.nii.gz", box(0, 1), np.diag([1.0, 1, 1.5, 1]) + np.eye(4, k=3) * 8)
    read_mask_folder("masks", c.scheme)


def mask_values(c):
    c.read_masks(apple=box(0, 1, 2), pear=box(0, 255, 1), plum=box(255, 0, 0), quince=box(9, 0, 0))


def mask_twice(c):
    c.masks(apple=box(1, 0))
    c.save("masks/apple.nii", box(1, 0))
    read_mask_folder("masks", c.scheme)


def same_names(c):
    scheme = type(c.scheme)("fruit", c.scheme.entries, folder="mask.nii.gz")
    read_mask_folder(c.masks(apple=box(1, 0)), scheme)


def no_pattern(c):
    scheme = type(c.scheme)("fruit", c.scheme.entries, folder="{organ}.nii.gz")
    read_mask_folder(c.masks(apple=box(1, 0)), scheme)


def other_grid(c):
    align(read_labels(c.file()), Grid((20, 30, 40), np.diag([1.5, 1.5, 3.0, 1])))


def no_common_voxel(c):
    align(read_labels(c.file(where=np.eye(4))), Grid((2, 3, 5), np.eye(4) + 50 * np.eye(4, k=3)))


def lost_origin(c):
    align(read_labels(c.file(where=np.eye(4))), Grid((2, 3, 4), np.eye(4) + np.eye(4, k=3)))


def no_output_folder(c):
    write_text("out/report.json", "{}")


def folder_in_the_way(c):
    Path("report.json").mkdir()
    write_text("report.json", "{}")


def device_as_output(c):
    write_text("/dev/null", "{}")


def strange_name(c):
    write_labels("seg.mha", c.labels, Grid(c.labels.shape, np.eye(4)))


def no_right_to_write(c):
    def refuse(*_):
        raise OSError(errno.EROFS, "no")

    c.monkeypatch.setattr(os, "open", refuse)
    write_text("report.json", "{}")


def disk_full(c):
    def full(_):
        raise OSError(errno.ENOSPC, "no")

    c.monkeypatch.setattr(os, "fsync", full)
    write_text("report.json", "{}")


def output_is_input(c):
    c.file()
    Path("link.nii.gz").symlink_to("seg.nii.gz")
    write_text("link.nii.gz", "", inputs=["seg.nii.gz"])


def output_among_masks(c):
    c.masks(apple=box(1, 0))
    write_text("masks/out.txt", "", inputs=["masks"])


BAD = {
    "IO001": [missing, dangling_link],
    "IO002": [folder_as_file, device, no_permission],
    "IO003": [wrong_magic, not_nifti, nrrd, empty_file, ends_in_header],
    "IO004": [not_gzip, hidden_gzip],
    "IO005": [cut_off],
    "IO006": [trailing_garbage, wrong_checksum],
    "IO007": [short, short_but_whole_gzip],
    "IO008": [two_files_in_one],
    "IO009": [pair, pair_voxels],
    "IO010": [colours, complex_numbers, unknown_type],
    "IO011": [four_axes, two_axes, empty_axis],
    "IO012": [nan_affine, singular_affine, no_rotation],
    "IO017": [bad_offset, bad_inter],
    "IO018": [no_memory],
    "IO020": [fractions],
    "IO021": [nan_labels],
    "IO022": [negatives, image_as_labels],
    "IO023": [too_large],
    "IO030": [empty_folder, folder_without_masks, file_as_folder],
    "IO031": [unknown_masks],
    "IO032": [mask_grids],
    "IO033": [mask_values],
    "IO035": [mask_twice],
    "IO036": [same_names, no_pattern],
    "IO040": [other_grid],
    "IO042": [no_common_voxel],
    "IO045": [lost_origin],
    "IO050": [
        no_output_folder,
        folder_in_the_way,
        device_as_output,
        strange_name,
        no_right_to_write,
    ],
    "IO051": [disk_full],
    "IO052": [output_is_input, output_among_masks],
}
