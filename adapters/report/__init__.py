"""What a run wrote, as pages that a person reads: an index, and a page for each case."""
