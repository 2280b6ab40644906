"""What a dataset says about mirroring: which array axis crosses the patient, which ids swap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vesalius.adapters.nnunet.label_ids import table_from_json

TRAINER = "nnUNetTrainer_MirrorSwap"
_AXES = 3


@dataclass(frozen=True)
class MirrorRule:
    """How patches of a dataset are mirrored.

    Parameters
    ----------
    plain : tuple of int
        Spatial axes of the patch along which mirroring changes no label.
    swapped : int or None
        The axis that crosses the patient; None where patches do not have it (2D slices along it).
    pairs : tuple of (int, int)
        Ids that change places along `swapped`.
    alone : tuple of int
        Ids of one side without a partner: a patch that holds one is not mirrored along `swapped`.
    """

    plain: tuple[int, ...]
    swapped: int | None
    pairs: tuple[tuple[int, int], ...]
    alone: tuple[int, ...] = ()

    @property
    def axes(self) -> tuple[int, ...]:
        """Every axis to mirror along, ascending."""
        return tuple(sorted((*self.plain, *(() if self.swapped is None else (self.swapped,)))))


def mirror_rule(
    dataset_json: Mapping[str, Any], transpose_forward: Sequence[int], dimensions: int
) -> MirrorRule:
    """Read how to mirror from dataset.json.

    Parameters
    ----------
    dataset_json : mapping
        As `vesalius nnunet export` wrote it.
    transpose_forward : sequence of int, length 3
        How the plans permute the axes of the images.
    dimensions : int
        2 or 3, of the patches; 2D patches are slices along the first axis.

    Returns
    -------
    MirrorRule

    Raises
    ------
    ValueError
        With the reason why sides cannot be swapped on this dataset.
    """
    if "vesalius" not in dataset_json:
        raise ValueError(
            "its dataset.json does not say which ids are mirror images of each other; "
            "write the dataset with `vesalius nnunet export`"
        )
    table = table_from_json(dataset_json["vesalius"])
    if table.one_sided:
        names = [x.name for x in table.labels if x.nnunet in table.one_sided]
        raise ValueError(
            f"`{table.scheme}` has {', '.join(names)} without the partner on the other side, "
            "which a mirrored patient would need"
        )
    orientation = dataset_json["vesalius"]["orientation"]
    axis = orientation["left_right_axis"]
    if axis is None:
        raise ValueError(
            f"its images lie in different ways ({', '.join(orientation['images'])}), so no one "
            "axis goes from left to right; export it with `--reader NibabelIOWithReorient`"
        )
    across = list(transpose_forward).index(axis) - (_AXES - dimensions)
    swapped = across if across >= 0 else None
    plain = tuple(a for a in range(dimensions) if a != swapped)
    return MirrorRule(plain, swapped, table.pairs, table.alone)
