"""nnU-Net v2: datasets out of schemes, trainers, training and prediction by its own Python API."""
