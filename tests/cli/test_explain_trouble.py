"""`vesalius explain OUT --at` where it cannot tell: one diagnostic each, kept word for word."""

from __future__ import annotations

import shutil

import nibabel as nib
import numpy as np
import pytest

from vesalius.adapters.code_pages import code_page


@pytest.fixture
def trouble(traced_run):
    """Make each kind of trouble; gives the arguments that meet it."""

    def no_folder():
        return ("missing", "--at", "1,2,3")

    def no_report():
        (traced_run / "empty").mkdir()
        return ("empty", "--at", "1,2,3")

    def a_segmentation():
        return ("seg.nii.gz", "--at", "1,2,3")

    def damaged():
        path = traced_run / "out" / "report.json"
        path.write_text(path.read_text()[:100])
        return ("out", "--at", "1,2,3")

    def other_schema():
        (traced_run / "out" / "report.json").write_text('{"schema": "lint/1"}')
        return ("out", "--at", "1,2,3")

    def old_report():
        (traced_run / "out" / "report.json").write_text('{"schema": "report/2", "grid": {}}')
        return ("out", "--at", "1,2,3")

    def deep_report():
        (traced_run / "out" / "report.json").write_text("[" * 200_000)
        return ("out", "--at", "1,2,3")

    def changed_report():
        path = traced_run / "out" / "report.json"
        path.write_text(path.read_text().replace("liver", "spleen"))
        return ("out", "--at", "1,2,3")

    def index_outside():
        return ("out", "--at", "12,0,0")

    def negative_index():
        return ("out", "--at", "-1,0,0")

    def mm_outside():
        return ("out", "--at-mm", "-81.5,12,230")

    def two_numbers():
        return ("out", "--at", "12,40")

    def words():
        return ("out", "--at-mm", "left,up,front")

    def fractions():
        return ("out", "--at", "1.5,2,3")

    def not_finite():
        return ("out", "--at-mm", "nan,0,0")

    def edited():
        path = traced_run / "out" / "labels.nii.gz"
        image = nib.load(path)
        array = np.asarray(image.dataobj).copy()
        array[3, 4, 3] = 7
        nib.save(nib.Nifti1Image(array, image.affine, image.header), path)
        return ("out", "--at", "3,4,3")

    def moved():
        path = traced_run / "out" / "labels.nii.gz"
        nib.save(nib.Nifti1Image(np.asarray(nib.load(path).dataobj), np.eye(4)), path)
        return ("out", "--at", "3,4,3")

    def other_trace():
        path = traced_run / "out" / "trace.nii.gz"
        nib.save(nib.Nifti1Image(np.full((12, 10, 8), 9, np.uint16), np.diag([2.0, 2, 2, 1])), path)
        return ("out", "--at", "3,4,3")

    return {f"{code}-{maker.__name__}": maker for code, makers in {
        "EXP001": (no_folder, no_report, a_segmentation, damaged, other_schema, old_report,
                   deep_report, changed_report),
        "EXP002": (index_outside, negative_index, mm_outside),
        "EXP003": (two_numbers, words, fractions, not_finite),
        "EXP004": (edited, moved, other_trace),
    }.items() for maker in makers}  # fmt: skip


CODES = ("EXP001", "EXP002", "EXP003", "EXP004")


@pytest.mark.parametrize("code", CODES)
def test_trouble_is_one_diagnostic(vesalius, traced_run, trouble, same_text, code):
    kept = traced_run / "kept"
    shutil.copytree(traced_run / "out", kept)
    for name, maker in trouble.items():
        if not name.startswith(code):
            continue
        done = vesalius("explain", *maker(), cwd=traced_run)
        assert done.returncode == 2, name
        assert done.stdout == ""
        assert done.stderr.count("error[") == 1
        assert f"error[{code}]" in done.stderr
        same_text(f"{name}.txt", done.stderr)
        shutil.rmtree(traced_run / "out")
        shutil.copytree(kept, traced_run / "out")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_page(code):
    lines = code_page(code).splitlines()
    assert {"What it means", "Example", "How to mend"} <= set(lines)
    assert len(lines) <= 16


def test_usage(explain):
    both = explain("--at", "1,2,3", "--at-mm", "1,2,3")
    assert both.returncode == 2
    assert "not both" in both.stderr
    neither = explain()
    assert (neither.returncode, neither.stderr) == (0, "")
    assert neither.stdout.startswith("verdict: keep\n")
