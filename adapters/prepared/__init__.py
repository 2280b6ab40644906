"""Plans that were compiled before, kept on the disk: a run whose plan is known reads no YAML."""
