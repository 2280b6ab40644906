"""A finding in one line of words."""

from __future__ import annotations

from collections.abc import Mapping

from vesalius.engine.verdict import Finding

#: How figures are written, by the unit at the end of their name.
FORMATS = {"mm": "{:.1f} mm", "ml": "{:.2f} ml", "hu": "{:.0f} HU", "deg": "{:.1f} deg"}


def finding_text(finding: Finding, tokens: Mapping[int, str]) -> str:
    """Write what a finding says.

    Parameters
    ----------
    finding : Finding
        From the engine.
    tokens : mapping of int to str
        Names of the work labels.

    Returns
    -------
    str
        Such as ``liver: 2 pieces (at most 1), 38 voxels, 0.10 ml at (41, 88, 612) mm``.
    """
    names = ", ".join(tokens[label] for label in finding.labels)
    parts = [f"{names}: {finding.kind}" if names else finding.kind]
    parts += [_figure(name, value) for name, value in finding.values]
    if finding.voxels:
        parts.append(f"{finding.voxels:,} voxels, {finding.ml:.2f} ml")
    text = ", ".join(parts)
    if finding.at_mm is not None:
        x, y, z = finding.at_mm
        text += f" at ({x:.0f}, {y:.0f}, {z:.0f}) mm"
    return f"{text}; {finding.note}" if finding.note else text


def _figure(name: str, value: float) -> str:
    words, _, unit = name.rpartition("_")
    if words and unit in FORMATS:
        return f"{words.replace('_', ' ')} {FORMATS[unit].format(value)}"
    return f"{name.replace('_', ' ')} {value:g}"
