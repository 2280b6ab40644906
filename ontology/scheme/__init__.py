"""Schemes: what the integers of a dataset mean."""
