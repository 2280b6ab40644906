"""What must hold of a scheme; one module per family of checks."""
