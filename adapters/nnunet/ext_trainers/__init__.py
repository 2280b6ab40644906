"""The folder for `nnUNet_extTrainer`: one module that names every trainer of vesalius."""
