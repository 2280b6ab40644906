"""Which scheme a segmentation is written in, judged by what its labels look like."""
