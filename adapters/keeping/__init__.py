"""What was read and linked before, kept on the disk: who asks again reads no YAML."""
