"""Mistakes planted in phantoms of known truth, and what rules make of them."""
