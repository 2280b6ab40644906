"""Label maps as runs: grids, sweeps, components, measures, contacts, distances, half-spaces."""
