"""The problems of the nnU-Net commands, as diagnostics with the codes ``NNU001``...

Every code has a page in ``adapters/codes``; the titles here are the first lines of the pages.
"""

from __future__ import annotations

TITLES: dict[str, str] = {
    "NNU001": "nnU-Net is not installed",
    "NNU002": "path template cannot be used",
    "NNU003": "image without labels, or labels without image",
    "NNU004": "no cases found",
    "NNU005": "image and labels on different grids",
    "NNU006": "integers that the scheme does not list",
    "NNU007": "label map without a label",
    "NNU008": "images in different orientations",
    "NNU009": "file with four axes",
    "NNU010": "image with voxels that are not numbers",
    "NNU011": "dataset already there",
    "NNU012": "too few cases for five folds",
    "NNU013": "classes left out",
    "NNU014": "class that no case has",
    "NNU015": "no such trainer or planner",
    "NNU016": "trainer cannot be used on this dataset",
    "NNU017": "folder of nnU-Net is not known",
    "NNU018": "no such nnU-Net dataset",
    "NNU019": "plans patch does not fit the plans",
    "NNU020": "weights to start from cannot be used",
    "NNU021": "trained model cannot be used",
    "NNU022": "prediction does not fit its image or its model",
    "NNU023": "prediction failed",
    "NNU024": "device is not there",
    "NNU025": "settings cannot be used",
    "NNU026": "nnU-Net stopped",
    "NNU027": "classes that are not mirrored",
    "NNU028": "checkpoint holds more than weights",
}
"""Title of every code of this package."""
