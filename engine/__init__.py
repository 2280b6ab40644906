"""Label maps as runs, and the execution of plans; knows no anatomy, no file and no YAML."""
