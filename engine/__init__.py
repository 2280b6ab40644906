"""Label maps as runs, and the execution of plans; knows no organ, no file and no YAML."""
