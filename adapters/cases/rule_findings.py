"""What rules found and changed in a case, in names and plain figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vesalius.adapters.cases.briefs import RuleBrief
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.engine.judging.verdict import Finding, Move
from vesalius.ontology.reading.diagnostics import Severity

Json = dict[str, object]
Row = dict[str, str | int | float | bool | None]


@dataclass(frozen=True)
class RuleChange:
    """Voxels that a rule takes from one structure and gives to another.

    Parameters
    ----------
    rule : str
        Id of the rule.
    structure, becomes : str
        The two structures; one of them may be "background".
    voxels : int
        How many voxels.
    ml : float
        Their volume.
    box_ijk : tuple of two tuples of int
        Smallest voxel indices and one more than the largest.
    """

    rule: str
    structure: str
    becomes: str
    voxels: int
    ml: float
    box_ijk: tuple[tuple[int, int, int], tuple[int, int, int]]

    def __str__(self) -> str:
        """Such as ``hip_right -> hip_left (2 voxels, 0.01 ml)``."""
        return (
            f"{self.structure} -> {self.becomes} ({plural(self.voxels, 'voxel')}, {self.ml:.2f} ml)"
        )

    def to_json(self) -> Json:
        """Give it as JSON values."""
        return {
            "from": self.structure,
            "to": self.becomes,
            "voxels": self.voxels,
            "ml": self.ml,
            "box_ijk": [list(corner) for corner in self.box_ijk],
        }


@dataclass(frozen=True)
class RuleFinding:
    """One thing that is not as a rule wants it.

    Parameters
    ----------
    rule : str
        Id of the rule.
    severity : {"error", "warning", "info"}
        As the rule says.
    summary : str
        The rule in a sentence.
    message : str
        The finding in words.
    kind : str
        What is wrong, in a word or two.
    structures : tuple of str
        What it is about.
    voxels : int
        Voxels at fault; 0 where it is not about voxels.
    ml : float
        Their volume.
    at_mm : tuple of float or None
        Their centre, in patient millimetres (RAS+); None where there is no place.
    at_ijk : tuple of int or None
        The voxel at fault that is nearest to that centre.
    values : tuple of (str, float)
        Figures that tell how far off it is, by name with their unit.
    note : str
        What the figures do not say.
    source : str
        The prediction that it is about, as given; empty where it is about the map.
    unsafe : bool
        Whether the rule repairs only where that is asked for.
    repair : tuple of RuleChange
        What the repair of the rule would do with its structures, after the rules before it, or
        all that it would do where it does nothing with these; empty where it has none, or where it
        was made.
    no_repair : str
        Why the repair would do nothing.
    """

    rule: str
    severity: Severity
    summary: str
    message: str
    kind: str
    structures: tuple[str, ...]
    voxels: int
    ml: float
    at_mm: tuple[float, float, float] | None
    at_ijk: tuple[int, int, int] | None
    values: tuple[tuple[str, float], ...]
    note: str
    unsafe: bool
    repair: tuple[RuleChange, ...] = ()
    no_repair: str = ""
    source: str = ""

    @property
    def placed_message(self) -> str:
        """The finding in words, with the voxel to go to in a viewer."""
        return self.message if self.at_ijk is None else f"{self.message}, voxel {self.at_ijk}"

    def to_json(self) -> Json:
        """Give what was found as JSON values; rule and repair are said around it."""
        return {
            "message": self.message,
            "kind": self.kind,
            "structures": list(self.structures),
            "voxels": self.voxels,
            "ml": self.ml,
            "at_mm": self.at_mm,
            "at_ijk": self.at_ijk,
            "values": dict(self.values),
            "note": self.note,
            **({"source": self.source} if self.source else {}),
        }

    def row(self) -> Row:
        """Give it as one row of a table: plain values, places in columns of their own."""
        x_mm, y_mm, z_mm = self.at_mm or (None, None, None)
        i, j, k = self.at_ijk or (None, None, None)
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "structures": ", ".join(self.structures),
            "voxels": self.voxels,
            "ml": self.ml,
            "x_mm": x_mm,
            "y_mm": y_mm,
            "z_mm": z_mm,
            "i": i,
            "j": j,
            "k": k,
            "unsafe": self.unsafe,
            "repair": "; ".join(str(change) for change in self.repair),
        }


def rule_findings(
    rule: RuleBrief,
    findings: Sequence[Finding],
    texts: Sequence[str],
    tokens: Mapping[int, str],
    repair: tuple[RuleChange, ...] = (),
    no_repair: str = "",
) -> tuple[RuleFinding, ...]:
    """Put findings of a rule into names.

    Parameters
    ----------
    rule : RuleBrief
        The rule.
    findings : sequence of Finding
        What it found, or what remains of it.
    texts : sequence of str
        Each in words.
    tokens : mapping of int to str
        Names of the work labels.
    repair : tuple of RuleChange
        What its repair would do.
    no_repair : str
        Why that would do nothing.
    """
    names = [tuple(tokens[label] for label in finding.labels) for finding in findings]
    # Each change is listed with the findings that it is about: of many, not with all of them.
    own = {about: _own(repair, about) for about in dict.fromkeys(names)}
    return tuple(
        RuleFinding(
            rule=rule.id,
            severity=rule.severity,
            summary=rule.summary,
            message=message,
            kind=finding.kind,
            structures=about,
            voxels=finding.voxels,
            ml=finding.ml,
            at_mm=finding.at_mm,
            at_ijk=finding.at_ijk,
            values=finding.values,
            note=finding.note,
            unsafe=rule.changes and rule.safety == "unsafe",
            repair=own[about],
            no_repair=no_repair,
            source=finding.source,
        )
        for finding, about, message in zip(findings, names, texts, strict=True)
    )


def _own(repair: tuple[RuleChange, ...], about: tuple[str, ...]) -> tuple[RuleChange, ...]:
    """Give what is done with some structures, or all where nothing is."""
    own = tuple(c for c in repair if c.structure in about or c.becomes in about)
    return own or repair


def rule_changes(
    rule: RuleBrief, moves: Iterable[Move], tokens: Mapping[int, str]
) -> tuple[RuleChange, ...]:
    """Put what a rule moved into names."""
    return tuple(
        RuleChange(rule.id, tokens[m.source], tokens[m.target], m.voxels, m.ml, m.box_ijk)
        for m in moves
    )
