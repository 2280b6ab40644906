"""Findings in words, one line each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from vesalius.adapters.files.io_diagnostics import listing, plural
from vesalius.engine.judging.verdict import Finding

Tokens = Mapping[int, str]

#: How figures are written, by the unit at the end of their name: digits and the unit's sign.
UNITS = {"mm": (1, "mm"), "ml": (2, "ml"), "hu": (0, "HU"), "deg": (1, "deg")}
SIGNIFICANT_DIGITS = 3
"""Of figures without a unit."""
MORE_DIGITS = 6
"""So many more are written at most where figures would else look the same."""

_FIGURE = re.compile(r"\{(\|?)(\w+)\|?\}")


def finding_texts(
    findings: Sequence[Finding],
    tokens: Tokens,
    sentences: Mapping[str, str],
    pooled: bool = False,
    all_pieces: bool = True,
) -> tuple[str, ...]:
    """Write what the findings of one rule say.

    Parameters
    ----------
    findings : sequence of Finding
        All findings of the rule: how many pieces there are is the place of the last one.
    tokens : mapping of int to str
        Names of the work labels.
    sentences : mapping of str to str
        What is said of each kind of finding; kinds that are not listed speak for themselves, with
        their figures behind.
    pooled : bool
        Whether the rule counts the pieces of several structures together.
    all_pieces : bool
        Whether every piece beyond the largest is a finding; else their number is not known.

    Returns
    -------
    tuple of str
        Such as ``pancreas: 2nd piece of 6 (10.45 ml, 387 voxels) at (41, 88, 612) mm``; the
        same in all orientations of the array.
    """
    pieces: dict[tuple[int, ...], int] = {}
    for finding in findings if all_pieces else ():
        if _counts(finding, sentences):
            place = int(dict(finding.values)["place"])
            pool = () if pooled else finding.labels
            pieces[pool] = max(place, pieces.get(pool, 0))
    return tuple(
        _text(finding, tokens, sentences, pieces.get(() if pooled else finding.labels, 0))
        for finding in findings
    )


def _text(finding: Finding, tokens: Tokens, sentences: Mapping[str, str], pieces: int) -> str:
    names = listing([tokens[label] for label in finding.labels])
    what = _what(finding, sentences, pieces)
    text = f"{names}: {what}" if names else what
    if finding.source:
        text = f"{finding.source}: {what}" + (f" ({names})" if names else "")
    if finding.voxels and "{ml}" not in sentences.get(finding.kind, ""):
        text += f" ({finding.ml:.2f} ml, {plural(finding.voxels, 'voxel')})"
    if finding.at_mm is not None:
        x, y, z = finding.at_mm
        text += f" at ({x:.0f}, {y:.0f}, {z:.0f}) mm"
    return f"{text}; {finding.note}" if finding.note else text


def _counts(finding: Finding, sentences: Mapping[str, str]) -> bool:
    return "{of_pieces}" in sentences.get(finding.kind, "")


def _what(finding: Finding, sentences: Mapping[str, str], pieces: int) -> str:
    values = dict(finding.values)
    sentence = sentences.get(finding.kind)
    if sentence is None:
        figures = _figures(values)
        figures_said = [f"{_words(name)} {figures[name]}" for name in values]
        return ", ".join([finding.kind, *figures_said])
    values |= {name: abs(values[name]) for bar, name in _FIGURE.findall(sentence) if bar}
    figures = _figures(values)
    figures |= {f"|{name}|": figure for name, figure in figures.items()}
    if _counts(finding, sentences):
        of_pieces = f" of {pieces}" if pieces else ""
        figures |= {"place": _ordinal(int(values["place"])), "of_pieces": of_pieces}
    said = sentence.format(**figures)
    parts = int(values.get("parts", 1))
    return said if parts == 1 else f"{said} in {parts} parts"


def _words(name: str) -> str:
    words, _, unit = name.rpartition("_")
    return (words if words and unit in UNITS else name).replace("_", " ")


def _figures(values: Mapping[str, float]) -> dict[str, str]:
    """Write figures, with as many digits as tell those of one unit apart.

    A mean of 9.6 HU where at least 10 are expected is not written as `10 HU`.
    """
    units: dict[str, list[str]] = {}
    for name in values:
        unit = name.rpartition("_")[2]
        units.setdefault(unit if unit in UNITS else "", []).append(name)
    written: dict[str, str] = {}
    for unit, names in units.items():
        different = len({values[name] for name in names})
        for more in range(MORE_DIGITS + 1):
            found = {name: _figure(values[name], unit, more) for name in names}
            if len(set(found.values())) == different:
                break
        written |= found
    return written


def _figure(value: float, unit: str, more: int) -> str:
    if unit not in UNITS:
        return f"{value:.{SIGNIFICANT_DIGITS + more}g}"
    digits, sign = UNITS[unit]
    # What is rounded to nothing has no sign.
    return f"{round(value, digits + more) + 0.0:.{digits + more}f} {sign}"


def _ordinal(number: int) -> str:
    teen = 10 < number % 100 < 20
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
