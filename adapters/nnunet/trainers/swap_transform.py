"""The transform behind side-swapping mirroring, in batchgeneratorsv2's terms."""

from __future__ import annotations

from typing import Any

import torch
from batchgeneratorsv2.transforms.spatial.mirroring import MirrorTransform

from vesalius.adapters.nnunet.mirror_rule import MirrorRule


class MirrorSwapTransform(MirrorTransform):  # type: ignore[misc]
    """Mirror image and segmentation; along one axis, ids of pairs change places.

    Parameters
    ----------
    rule : MirrorRule
        Axes, pairs, and ids without a partner: a patch that holds one of these is not mirrored
        across, for on the other side it would have the wrong name. Segmentations have shape
        (channels, *spatial) and hold ids; negative numbers (outside the image) stay.
    """

    def __init__(self, rule: MirrorRule) -> None:
        super().__init__(allowed_axes=rule.axes)
        self.rule = rule
        highest = max((id_ for pair in rule.pairs for id_ in pair), default=0)
        table = torch.arange(highest + 1)
        for one, other in rule.pairs:
            table[one], table[other] = other, one
        self.table = table
        self.alone = torch.tensor(rule.alone, dtype=torch.long)

    def get_parameters(self, **data_dict: Any) -> dict[str, Any]:  # noqa: ANN401
        """Draw the axes to mirror along for one patch."""
        params: dict[str, Any] = super().get_parameters(**data_dict)
        if self.rule.swapped in params["axes"] and self._holds_alone(data_dict.get("segmentation")):
            params["axes"] = [axis for axis in params["axes"] if axis != self.rule.swapped]
        return params

    def _holds_alone(self, segmentation: torch.Tensor | None) -> bool:
        if segmentation is None or not len(self.alone):
            return False
        return bool(torch.isin(segmentation.long(), self.alone).any())

    def _apply_to_segmentation(self, segmentation: torch.Tensor, **params: Any) -> torch.Tensor:  # noqa: ANN401
        mirrored: torch.Tensor = super()._apply_to_segmentation(segmentation, **params)
        if self.rule.swapped not in params["axes"]:
            return mirrored
        known = (mirrored >= 0) & (mirrored < len(self.table))
        swapped = self.table[torch.where(known, mirrored, 0).long()].to(mirrored.dtype)
        return torch.where(known, swapped, mirrored)


def with_swap(transforms: Any, rule: MirrorRule) -> Any:  # noqa: ANN401 - nnU-Net's types
    """Replace the one mirroring among composed transforms.

    Raises
    ------
    RuntimeError
        If there is not exactly one: nnU-Net has changed, and sides would be confused.
    """
    places = [
        i for i, transform in enumerate(transforms.transforms)
        if isinstance(transform, MirrorTransform)
    ]  # fmt: skip
    if len(places) != 1:
        raise RuntimeError(
            f"expected one mirroring among nnU-Net's transforms, found {len(places)}; "
            "this version of nnU-Net is not supported"
        )
    transforms.transforms[places[0]] = MirrorSwapTransform(rule)
    return transforms
