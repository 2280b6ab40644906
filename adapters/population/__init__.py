"""A cohort as a population: who is in it, how large their organs are, and what falls out."""
