"""What is given away of a cohort: label maps, reports, tables, and where they come from."""
