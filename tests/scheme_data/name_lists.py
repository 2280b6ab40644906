"""How many class names are understood: `python tests/scheme_data/name_lists.py` prints a table.

The lists in `name_lists/` say what each name means, null where nothing should be found. Those of
the shipped schemes say it themselves, but for the names that they declare to mislead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology, load_scheme, scheme_paths
from vesalius.ontology.names.draft import draft_scheme
from vesalius.ontology.scheme.meaning import To

LISTS = Path(__file__).parent / "name_lists"


@dataclass(frozen=True)
class Counted:
    """What became of the names of one list."""

    title: str
    right: int
    wrong: tuple[str, ...]
    unmatched: tuple[str, ...]


def count(title: str, truth: Mapping[str, str | None], ontology: Ontology) -> Counted:
    """Draft a scheme from the names, and compare it with what they mean."""
    names = dict(enumerate(truth, start=1))
    labels = yaml.safe_load(draft_scheme(names, ontology, "list", title).text)["labels"] or {}
    found = {name: labels.get(integer) for integer, name in names.items()}
    right = [name for name, meant in truth.items() if found[name] == meant]
    unmatched = [name for name, meant in truth.items() if found[name] is None and meant]
    wrong = [name for name in truth if name not in right and name not in unmatched]
    return Counted(title, len(right), tuple(wrong), tuple(unmatched))


def own_lists(ontology: Ontology) -> Iterator[Counted]:
    """Count the lists of this folder."""
    for path in sorted(LISTS.glob("*.yaml")):
        yield count(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")), ontology)


def shipped_lists(ontology: Ontology) -> Iterator[Counted]:
    """Count the names of every shipped scheme whose classes are single structures."""
    for name in sorted(scheme_paths()):
        scheme = load_scheme(name, ontology)
        yield count(
            name,
            {
                entry.name: entry.target.structure
                for entry in scheme.entries
                if isinstance(entry.target, To) and entry.integer not in scheme.despite_name
            },
            ontology,
        )


def main() -> None:
    """Print the table."""
    ontology = load_ontology()
    shipped = list(shipped_lists(ontology))
    everything = Counted(
        f"{len(shipped)} shipped schemes",
        sum(c.right for c in shipped),
        tuple(name for c in shipped for name in c.wrong),
        tuple(name for c in shipped for name in c.unmatched),
    )
    print("| list | right | wrong | unmatched |\n|---|---:|---:|---:|")
    for c in (*own_lists(ontology), everything):
        print(f"| {c.title} | {c.right} | {len(c.wrong)} | {len(c.unmatched)} |")


if __name__ == "__main__":
    main()
