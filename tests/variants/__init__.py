"""Normal variants and operated patients, which nobody may take for mistakes."""
