"""Self-training as one declared file: experts, their predictions, the merge, the unified model."""
