"""Everything that touches the outside world: files, the command line, tables, pictures."""
