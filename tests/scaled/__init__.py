"""Patients of other sizes: the same case with other voxels."""
