"""What the default pack makes of variants: kept, reported or deleted.

Run from the root of the repository: ``python tests/variants/table.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from variants.body import Body, compiled, run
from variants.drawn import Drawn, drawn_into

SCHEMES = ("dap_atlas", "totalsegmentator_v2")


class Row(NamedTuple):
    """What became of one variant: its size, voxels that were changed, and who told of it."""

    scheme: str
    name: str
    ml: float
    changed: int
    told: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Say it in one word."""
        if self.changed:
            return "deleted"
        return "reported" if self.told else "kept"


def rows(body: Body, drawn: dict[str, Drawn], pack: str = "recommended") -> list[Row]:
    """Run a pack on a phantom with variants, and compare."""
    plan = compiled(body, pack)
    after, result = run(body, plan)
    token = {entry.label: entry.token for entry in plan.plan.work}
    told: dict[str, set[str]] = {}
    for outcome in result.final:
        for finding in outcome.findings:
            for label in finding.labels:
                told.setdefault(token[label], set()).add(outcome.rule)
    found = []
    for name, (mask, integer) in drawn.items():
        about = [integer] if integer else np.unique(_around(body, mask)).tolist()
        rules = sorted({rule for n in about for rule in told.get(body.names.get(n, ""), ())})
        rules = [rule for rule in rules if rule.startswith(("pieces/", "holes/", "areas/"))]
        changed = int((after[mask] != integer).sum())
        ml = float(mask.sum()) * body.grid.voxel_ml
        found.append(Row(body.scheme, name, ml, changed, tuple(rules)))
    return found


def _around(body: Body, mask: np.ndarray) -> np.ndarray:
    near = (body.away_mm(mask) < 6) & ~mask
    return body.array[near]


def written(found: list[Row]) -> str:
    """Write the table."""
    lines = ["| scheme | variant | ml | verdict | told by |", "|---|---|---:|---|---|"]
    lines += [
        f"| `{r.scheme}` | {r.name} | {r.ml:.1f} | {r.verdict} | "
        f"{', '.join(f'`{rule}`' for rule in r.told)} |"
        for r in found
    ]
    kept = sum(r.verdict != "deleted" for r in found)
    lines += ["", f"{kept} of {len(found)} are kept or reported, {len(found) - kept} deleted."]
    return "\n".join(lines)


def every_row() -> list[Row]:
    """Make the table for each scheme."""
    bodies = [Body(scheme) for scheme in SCHEMES]
    return [row for body in bodies for row in rows(body, drawn_into(body))]


if __name__ == "__main__":
    print(written(every_row()))
