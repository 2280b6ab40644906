"""What label sets measure: volumes and values, agreement with a truth, with each other."""
