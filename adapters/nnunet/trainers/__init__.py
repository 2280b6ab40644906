"""Trainers for nnU-Net. Modules here need nnU-Net; nothing else of vesalius imports them."""
