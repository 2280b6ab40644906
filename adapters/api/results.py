"""What the functions of this package give: results, and what rules found and changed."""

from __future__ import annotations

from vesalius.adapters.cases.case_verdict import CaseVerdict
from vesalius.adapters.cases.lint_result import LintResult
from vesalius.adapters.cases.map_result import MapResult
from vesalius.adapters.cases.rule_findings import RuleChange, RuleFinding

__all__ = ["CaseVerdict", "LintResult", "MapResult", "RuleChange", "RuleFinding"]
