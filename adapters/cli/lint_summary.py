"""What was found in many segmentations, in a few lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import click

from vesalius.adapters.cases.fail_on import SEVERITIES
from vesalius.adapters.cases.rule_findings import RuleFinding
from vesalius.adapters.cli.tables import print_table
from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.ontology.reading.diagnostics import Diagnostic

RULES_SHOWN: Final = 12
FILES_SHOWN: Final = 5
COLUMNS: Final = (
    "path", "rule", "severity", "message", "structures", "voxels", "ml",
    "x_mm", "y_mm", "z_mm", "i", "j", "k", "unsafe", "repair",
)  # fmt: skip
_NOUNS: Final = {"error": "errors", "warning": "warnings alone", "info": "remarks alone"}


@dataclass
class LintTally:
    """What was found so far.

    Parameters
    ----------
    files : list of (str, Counter)
        Each segmentation that was judged, with its findings by severity.
    rules : dict of (str, str) to Counter
        Findings by severity and rule, with how many each file has.
    doubts : dict of str to list of str
        Files by the code of a warning about them.
    unread : list of str
        Files that could not be judged.
    """

    files: list[tuple[str, Counter[str]]] = field(default_factory=list)
    rules: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    doubts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unread: list[str] = field(default_factory=list)

    def add(
        self, path: str, findings: Sequence[RuleFinding], remarks: Sequence[Diagnostic]
    ) -> None:
        """Count what was found in one segmentation."""
        self.files.append((path, Counter(finding.severity for finding in findings)))
        for finding in findings:
            self.rules[finding.severity, finding.rule][path] += 1
        for code in dict.fromkeys(d.code for d in remarks if d.severity != "info"):
            self.doubts[code].append(path)


def print_lint_summary(tally: LintTally) -> None:
    """Print how many files have what, the rules that found most, and the worst files."""
    words = []
    for severity in SEVERITIES:
        graver = SEVERITIES[: SEVERITIES.index(severity)]
        number = sum(
            bool(counts[severity]) and not any(counts[other] for other in graver)
            for _, counts in tally.files
        )
        words += [f"{number:,} with {_NOUNS[severity]}"] if number else []
    clean = sum(not counts for _, counts in tally.files)
    words += [f"{clean:,} without a finding"] if clean else []
    words += [f"{len(tally.unread):,} not judged"] if tally.unread else []
    total = len(tally.files) + len(tally.unread)
    click.echo(f"\n{plural(total, 'segmentation')}: {', '.join(words)}")
    _print_rules(tally)
    ordered = sorted(
        (row for row in tally.files if row[1]["error"]), key=lambda row: -row[1]["error"]
    )
    if ordered:
        worst = [f"{path} ({plural(counts['error'], 'error')})" for path, counts in ordered]
        click.echo(f"the worst: {listing(worst, FILES_SHOWN)}")
    for code, paths in sorted(tally.doubts.items()):
        click.echo(
            f"warning {code} about {plural(len(paths), 'file')}: {listing(paths, FILES_SHOWN)}"
        )
    if tally.unread:
        click.echo(f"not judged: {listing(tally.unread, FILES_SHOWN)}")


def _print_rules(tally: LintTally) -> None:
    """Print the rules that found something, the gravest first, then those of most files."""
    rules = sorted(
        tally.rules.items(), key=lambda item: (SEVERITIES.index(item[0][0]), -len(item[1]))
    )
    rows = [
        {
            "severity": severity,
            "rule": rule,
            "files": f"{len(files):,}",
            "findings": f"{files.total():,}",
            "such as": next(iter(files)),
        }
        for (severity, rule), files in rules[:RULES_SHOWN]
    ]
    print_table(rows, right=("files", "findings"), more_follows=True)
    if len(rules) > RULES_SHOWN:
        click.echo(f"and {plural(len(rules) - RULES_SHOWN, 'more rule')}; --format csv lists all")
