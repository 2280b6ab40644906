"""A case in the browser: slices and 3-D of its label maps, from a server on this machine alone."""
