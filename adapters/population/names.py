"""What the verb, its tables and the facts of a patient are called."""

from __future__ import annotations

VERB = "population"
TABLES = (
    "patients", "patient_counts", "source_structures", "divergence", "divergence_scores",
    "age_trends", "age_outliers", "lesion_rates", "limits", "outside_limits", "rule_rates",
)  # fmt: skip
"""Those over all cases, in the order in which they are shown."""
FACTS = ("age", "sex", "diagnosis", "dataset", "site", "scanner")
"""What is asked of a patient; also the names that its columns have by default."""
