"""A study of many cases: one YAML says which there are, which count, and where results go."""
