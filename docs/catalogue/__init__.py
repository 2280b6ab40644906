"""The catalogue of the documentation, written from what vesalius knows."""
