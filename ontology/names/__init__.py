"""Matching words to structures."""
