"""What a plan is made of: integers and operations, nothing else."""
