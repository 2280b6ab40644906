"""Mistakes that a label map does not show by itself: planted, told, and repaired where proven."""
