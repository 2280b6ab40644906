"""What NIfTI files are called."""

from __future__ import annotations

from typing import Final

NIFTI_ENDINGS: Final = (".nii.gz", ".nii")
"""Endings of NIfTI files, in small or capital letters."""


def is_nifti_name(name: str) -> bool:
    """Tell whether a file is called as NIfTI files are; hidden ones are not."""
    return name.lower().endswith(NIFTI_ENDINGS) and not name.startswith(".")


def nifti_stem(name: str) -> str:
    """Give the name of a file without the ending of a NIfTI file."""
    for ending in NIFTI_ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
