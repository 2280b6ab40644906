"""The meaning of rule steps, voxel by voxel: slow, obvious, and only for tests."""
