"""What exists: structures, attributes, sequences and the integer tables of datasets."""
