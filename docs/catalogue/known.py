"""Everything the catalogue tells of, loaded once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vesalius.engine.plan.footprint import subject
from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_ontology, load_scheme, scheme_paths
from vesalius.ontology.scheme.meaning import structures_of
from vesalius.ontology.scheme.scheme import Scheme, SchemeEntry
from vesalius.rules.compile.lower_rules import compile_rules
from vesalius.rules.library import load_pack, pack_paths
from vesalius.rules.places import AnchorSpec, load_anchors
from vesalius.rules.rule import Pack, Rule

EXAMPLES = Path(__file__).parent / "examples.yaml"


@dataclass(frozen=True)
class Placed:
    """A rule and the name of the pack it is in."""

    pack: str
    rule: Rule


@dataclass(frozen=True, eq=False)
class Known:
    """What the catalogue tells of.

    Parameters
    ----------
    ontology : Ontology
        The structures.
    schemes : tuple of Scheme
        By name.
    packs : mapping of str to Pack
        The packs that are shipped, by the name they are loaded by.
    examples : Pack
        Rules that only show what a kind does.
    anchors : mapping of str to AnchorSpec
        Places the rules speak of.
    """

    ontology: Ontology
    schemes: tuple[Scheme, ...]
    packs: Mapping[str, Pack]
    examples: Pack
    anchors: Mapping[str, AnchorSpec]

    @cached_property
    def rules(self) -> tuple[Placed, ...]:
        """All rules in the order they run, pack by pack."""
        return tuple(
            Placed(name, pack.rule(rule_id))
            for name, pack in self.packs.items()
            for rule_id in pack.order
        )

    @cached_property
    def judged_by(self) -> Mapping[str, Sequence[Placed]]:
        """The rules that judge or make a structure."""
        concrete = [s.name for s in self.ontology.structures.values() if not s.abstract]
        labels = {name: number for number, name in enumerate(concrete, start=1)}
        about: dict[tuple[str, str], set[int]] = {}
        for name, pack in self.packs.items():
            for step in compile_rules(pack, self.ontology, self.anchors, labels).steps:
                about.setdefault((name, step.rule), set()).update(subject(step))
        return {
            name: [p for p in self.rules if label in about.get((p.pack, p.rule.id), ())]
            for name, label in labels.items()
        }

    @cached_property
    def classes_of(self) -> Mapping[str, Sequence[tuple[Scheme, SchemeEntry]]]:
        """The classes of schemes that are, or can become, a structure."""
        found: dict[str, list[tuple[Scheme, SchemeEntry]]] = {}
        for scheme in self.schemes:
            for entry in sorted(scheme.entries, key=lambda entry: entry.integer):
                for name in structures_of(entry.target):
                    found.setdefault(name, []).append((scheme, entry))
        return found


def load_known(packs: Iterable[str] | None = None) -> Known:
    """Load what is shipped.

    Parameters
    ----------
    packs : iterable of str, optional
        Packs by name; all by default.

    Raises
    ------
    DiagnosticError
        Where a file is wrong.
    """
    ontology = load_ontology()
    anchors = load_anchors(ontology)
    return Known(
        ontology=ontology,
        schemes=tuple(load_scheme(name, ontology) for name in sorted(scheme_paths())),
        packs={name: load_pack(name, ontology, anchors) for name in packs or sorted(pack_paths())},
        examples=load_pack(EXAMPLES, ontology, anchors),
        anchors=anchors,
    )
