"""The two numberings of a dataset: the integers of its scheme, and the ids that nnU-Net trains on.

nnU-Net wants ids 0, 1, 2, ... without gaps. Kept classes get them in ascending order of the
scheme's integers, so the table between the two is bijective; dropped classes become background
and unannotated voxels become the ignore label, the highest id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vesalius.adapters.nnunet.mirror_pairs import mirror_pairs
from vesalius.adapters.nnunet.regions import Regions, overlap, regions
from vesalius.ontology.graph import Ontology
from vesalius.ontology.scheme.meaning import Drop, Ignore, To
from vesalius.ontology.scheme.scheme import Scheme

TABLE_SCHEMA = "nnunet_labels/1"
BACKGROUND_ID = 0
_INTEGERS = 65536

Labels = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class LabelId:
    """One class in both numberings.

    Parameters
    ----------
    ours : int
        Its integer in the scheme.
    nnunet : int
        Its id in nnU-Net.
    name : str
        Its name in dataset.json, different from all others.
    """

    ours: int
    nnunet: int
    name: str


@dataclass(frozen=True)
class LabelIds:
    """The bijective table between a scheme and nnU-Net.

    Parameters
    ----------
    scheme : str
        Name of the scheme.
    scheme_sha256 : str
        Digest of the scheme's text.
    background : int
        The scheme's integer of "nothing here"; id 0 in nnU-Net.
    labels : tuple of LabelId
        Kept classes, ids 1..n.
    dropped : tuple of int
        The scheme's integers that become background.
    ignored : tuple of int
        The scheme's integers that become the ignore label.
    unlisted_ignored : bool
        Whether integers that the scheme does not list become the ignore label (open schemes).
    ignore_id : int or None
        Id of the ignore label; None where there is none.
    pairs : tuple of (int, int)
        Ids that change places when a patient is mirrored left to right.
    one_sided : tuple of int
        Ids whose partner on the other side is no class of the scheme: mirroring cannot name them.
    alone : tuple of int
        Ids of one side that have no partner at all: what holds them is not mirrored across.
    """

    scheme: str
    scheme_sha256: str
    background: int
    labels: tuple[LabelId, ...]
    dropped: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()
    unlisted_ignored: bool = False
    ignore_id: int | None = None
    pairs: tuple[tuple[int, int], ...] = ()
    one_sided: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()

    def unknown(self, integers: Iterable[int]) -> list[int]:
        """Give the integers that may not be in a label file of this scheme, ascending."""
        if self.unlisted_ignored:
            return []
        known = {self.background, *self.dropped, *self.ignored, *(x.ours for x in self.labels)}
        return sorted(set(integers) - known)

    def changes(self, integers: Iterable[int]) -> bool:
        """Tell whether any of these integers has another id in nnU-Net."""
        table = self._to_nnunet()
        return any(int(table[integer]) != integer for integer in integers)

    def to_nnunet(self, array: Labels) -> Labels:
        """Renumber a label map for nnU-Net; uint8 where the ids fit, else uint16."""
        table = self._to_nnunet()
        highest = self.ignore_id if self.ignore_id is not None else len(self.labels)
        fits = highest <= np.iinfo(np.uint8).max
        return np.asarray(table.astype(np.uint8 if fits else np.uint16)[array])

    def to_ours(self, array: Labels) -> Labels:
        """Renumber a prediction of nnU-Net; uint8 where the scheme's integers fit, else uint16.

        Raises
        ------
        ValueError
            If the prediction holds an id that is no class.
        """
        highest = int(array.max(initial=0))
        if highest > len(self.labels):
            raise ValueError(f"id {highest} of nnU-Net is no class of `{self.scheme}`")
        table = np.array([self.background, *(label.ours for label in self.labels)], np.uint16)
        fits = int(table.max()) <= np.iinfo(np.uint8).max
        return np.asarray(table.astype(np.uint8 if fits else np.uint16)[array])

    def dataset_labels(self, regions: Regions | None = None) -> dict[str, int | list[int]]:
        """Give the `labels` of dataset.json; with regions, in their order."""
        names = {label.nnunet: label.name for label in self.labels}
        labels: dict[str, int | list[int]] = {"background": BACKGROUND_ID}
        if regions is None:
            labels |= {name: id_ for id_, name in names.items()}
        else:
            labels |= {names[id_]: list(covered) for id_, covered in regions.items()}
        return labels if self.ignore_id is None else {**labels, "ignore": self.ignore_id}

    def to_json(self) -> dict[str, object]:
        """Give the table as JSON values (schema ``nnunet_labels/1``)."""
        return {
            "schema": TABLE_SCHEMA,
            "scheme": self.scheme,
            "scheme_sha256": self.scheme_sha256,
            "background": self.background,
            "labels": [
                {"ours": label.ours, "nnunet": label.nnunet, "name": label.name}
                for label in self.labels
            ],
            "dropped": list(self.dropped),
            "ignored": list(self.ignored),
            "unlisted_ignored": self.unlisted_ignored,
            "ignore_id": self.ignore_id,
            "mirror": {
                "pairs": [list(pair) for pair in self.pairs],
                "one_sided": list(self.one_sided),
                "alone": list(self.alone),
            },
        }

    def _to_nnunet(self) -> NDArray[np.uint16]:
        rest = BACKGROUND_ID if self.ignore_id is None else self.ignore_id
        table = np.full(_INTEGERS, rest if self.unlisted_ignored else BACKGROUND_ID, np.uint16)
        table[[self.background, *self.dropped]] = BACKGROUND_ID
        if self.ignored:
            table[list(self.ignored)] = rest
        for label in self.labels:
            table[label.ours] = label.nnunet
        return table


def label_ids(scheme: Scheme, ontology: Ontology, *, unlisted: bool = False) -> LabelIds:
    """Give the classes of a scheme their ids in nnU-Net.

    Parameters
    ----------
    scheme : Scheme
        The dataset's integers.
    ontology : Ontology
        Says which structures are mirror images of each other.
    unlisted : bool
        Whether label files hold integers that an open scheme does not list; they become the
        ignore label.

    Returns
    -------
    LabelIds
    """
    entries = sorted(scheme.entries, key=lambda entry: entry.integer)
    kept = [e for e in entries if not isinstance(e.target, Drop | Ignore)]
    ignored = tuple(e.integer for e in entries if isinstance(e.target, Ignore))
    ids = {entry.integer: place for place, entry in enumerate(kept, start=1)}
    unlisted_ignored = unlisted and not scheme.closed
    classes = mirror_pairs({ids[e.integer]: e.target for e in kept}, ontology)
    names = _names(
        {e.integer: e.target.structure if isinstance(e.target, To) else e.name for e in kept}
    )
    return LabelIds(
        scheme=scheme.name,
        scheme_sha256=hashlib.sha256(scheme.document.text.encode("utf-8")).hexdigest(),
        background=scheme.background,
        labels=tuple(LabelId(e.integer, ids[e.integer], names[e.integer]) for e in kept),
        dropped=tuple(e.integer for e in entries if isinstance(e.target, Drop)),
        ignored=ignored,
        unlisted_ignored=unlisted_ignored,
        ignore_id=len(kept) + 1 if ignored or unlisted_ignored else None,
        pairs=classes.pairs,
        one_sided=classes.one_sided,
        alone=classes.alone,
    )


def label_regions(ids: LabelIds, scheme: Scheme, ontology: Ontology) -> Regions | None:
    """Give what every class covers, ids inside it included; None where no class has another."""
    targets = {entry.integer: entry.target for entry in scheme.entries}
    found = regions({label.nnunet: targets[label.ours] for label in ids.labels}, ontology)
    return found if overlap(found) else None


def table_from_json(data: Mapping[str, Any]) -> LabelIds:
    """Read a table that `LabelIds.to_json` wrote.

    Raises
    ------
    ValueError
        If it is none, or not bijective.
    """
    try:
        if data["schema"] != TABLE_SCHEMA:
            raise ValueError(f"schema `{data['schema']}` is not `{TABLE_SCHEMA}`")
        table = LabelIds(
            scheme=str(data["scheme"]),
            scheme_sha256=str(data["scheme_sha256"]),
            background=int(data["background"]),
            labels=tuple(
                LabelId(int(x["ours"]), int(x["nnunet"]), str(x["name"])) for x in data["labels"]
            ),
            dropped=tuple(int(x) for x in data["dropped"]),
            ignored=tuple(int(x) for x in data["ignored"]),
            unlisted_ignored=bool(data["unlisted_ignored"]),
            ignore_id=None if data["ignore_id"] is None else int(data["ignore_id"]),
            pairs=tuple((int(a), int(b)) for a, b in data["mirror"]["pairs"]),
            one_sided=tuple(int(x) for x in data["mirror"]["one_sided"]),
            alone=tuple(int(x) for x in data["mirror"].get("alone", ())),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no table of labels ({error})") from None
    if [label.nnunet for label in table.labels] != list(range(1, len(table.labels) + 1)):
        raise ValueError("its ids are not 1, 2, 3, ...")
    if len({table.background, *(x.ours for x in table.labels)}) != len(table.labels) + 1:
        raise ValueError("two ids have one integer")
    return table


def _names(wanted: Mapping[int, str]) -> dict[int, str]:
    """Make names unique: dataset.json has them as keys, and two of them are nnU-Net's own."""
    taken = {"background", "ignore"}
    often = [name for name in wanted.values() if list(wanted.values()).count(name) > 1]
    found: dict[int, str] = {}
    for integer, name in wanted.items():
        unique = name if name not in taken and name not in often else f"{name}_{integer}"
        while unique in taken:
            unique += "_"
        taken.add(unique)
        found[integer] = unique
    return found
