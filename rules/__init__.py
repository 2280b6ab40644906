"""What must hold and how it is compiled into a plan."""
