"""The grammar of a pipeline file, as pydantic models; also its JSON Schema for editors."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, RootModel, Tag, field_validator
from pydantic_core import PydanticCustomError

from vesalius.adapters.cohort.cohort_models import (
    Cases,
    MetadataModel,
    PackName,
    Prediction,
    Rule,
    Rules,
)
from vesalius.ontology.reading.form import Form
from vesalius.rules.form import form_by_type

SELFTRAIN_SCHEMA: Final = "selftrain/1"
FOLDS: Final = 5
"""nnU-Net splits the cases of a dataset into this many folds."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DATASET_NAME = re.compile(r"[A-Za-z0-9_-]+")

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Patch = dict[str, Any]


class FoldList(RootModel[list[Annotated[int, Field(ge=0, lt=FOLDS)]]]):
    """Numbers of folds."""

    root: list[Annotated[int, Field(ge=0, lt=FOLDS)]] = Field(min_length=1)


class AllCases(RootModel[Literal["all"]]):
    """One network trained on every case."""


Folds = Annotated[
    Annotated[FoldList, Tag("list")] | Annotated[AllCases, Tag("all")],
    Discriminator(form_by_type({"list": list | FoldList, "all": object})),
]


class Lengths(Form):
    """How long a training is; what is not said is as the trainer has it."""

    epochs: Count | None = None
    iterations: Count | None = Field(None, description="Batches per epoch.")
    val_iterations: Count | None = Field(None, description="Validation batches per epoch.")


class PredictionSettings(Form):
    """How a model predicts the cohort."""

    parts: Count = Field(1, description="Into how many jobs the cases are divided.")
    mirroring: bool | None = Field(
        None,
        description="Average over mirrored images. By default yes, but not after fine-tuning.",
    )
    step: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Of the sliding window, as a share of the patch."
    )


class NnunetModel(Form):
    """What all trainings have in common."""

    configuration: Text = "3d_fullres"
    planner: Text = "ExperimentPlanner"
    plans: Patch = Field(
        default_factory=dict, description="Changes of the plans, shaped like nnU-Net's plans."
    )
    device: Literal["cuda", "cpu", "mps"] = "cuda"
    processes: Count = Field(4, description="Worker processes of one job.")
    save_every: Count = Field(1, description="Epochs between two checkpoints.")
    validate_: bool = Field(
        True, alias="validate", description="Predict the validation cases after each training."
    )


class ExpertModel(Form):
    """A model trained on a labelled dataset."""

    scheme: Text | None = Field(None, description="Of its label maps; the expert's name if absent.")
    dataset: Annotated[int, Field(ge=1, le=999)] = Field(description="nnU-Net's number.")
    name: Text | None = Field(None, description="nnU-Net's name; the expert's if absent.")
    images: Text = Field(description="Template such as `ct/{case}_0000.nii.gz`.")
    labels: Text = Field(description="Template such as `labels/{case}.nii.gz`.")
    trainer: Text = "nnUNetTrainer"
    folds: Folds = FoldList([0, 1, 2, 3, 4])
    lengths: Lengths = Lengths()
    plans: Patch | None = Field(None, description="In place of `nnunet: plans`.")
    prediction: PredictionSettings = PredictionSettings()

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        return _dataset_name(value)


class CohortSection(Form):
    """The target cohort, written into the pipeline file; keys as in a cohort file."""

    root: Text = "."
    image: Text = Field(description="Template of the CT.")
    predictions: dict[str, Prediction] = Field(
        default_factory=dict, description="Further sources of the merge that are there already."
    )
    metadata: MetadataModel | None = None
    cases: Cases
    select: list[Rule] = Field(default_factory=list)
    resample: bool = False


class CohortFile(RootModel[Text]):
    """A cohort file, relative to the pipeline file."""


CohortChoice = Annotated[
    Annotated[CohortFile, Tag("file")] | Annotated[CohortSection, Tag("section")],
    Discriminator(form_by_type({"file": str | CohortFile, "section": dict | CohortSection})),
]


class MergeModel(Form):
    """How the experts' predictions become one label map."""

    target: Text | None = Field(None, description="A scheme; the cohort file's if absent.")
    rules: Rules | None = Field(None, description="The cohort file's, or `recommended`, if absent.")


class FineTuning(Form):
    """A second training from all weights of the first, output heads included."""

    trainer: Text = "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3"
    lengths: Lengths = Lengths()


class UnifiedModel(Form):
    """The model trained on what the experts say together."""

    dataset: Annotated[int, Field(ge=1, le=999)]
    name: Text = "unified"
    trainer: Text = "nnUNetTrainer"
    folds: Folds = FoldList([0, 1, 2, 3, 4])
    group_by: Text | None = Field(
        None, description="Column of the metadata; its equal values stay in one fold."
    )
    lengths: Lengths = Lengths()
    fine_tuning: FineTuning | None = None
    plans: Patch | None = None
    prediction: PredictionSettings = PredictionSettings()

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        return _dataset_name(value)


class ReleaseModel(Form):
    """The folder that is given away."""

    folder: Text = Field("release", description="Relative to the pipeline file.")
    name: Text | None = Field(
        None, description="Template of a label map; the cohort file's `output` if absent."
    )
    images: Literal["none", "link", "copy"] = "none"
    review: bool = Field(False, description="Cases in which errors remain come along, too.")

    @field_validator("name")
    @classmethod
    def _volume(cls, value: str | None) -> str | None:
        if value is not None and not value.endswith(".nii.gz"):
            kind, message = "release_name", "must end in `.nii.gz`"
            raise PydanticCustomError(kind, message)
        return value


class PipelineModel(Form):
    """The whole of a pipeline file."""

    schema_: Annotated[Literal["selftrain/1"], Field(alias="schema")]
    pipeline: Text = Field(description="Its name, one word.")
    about: str = ""
    work: Text = Field("work", description="Folder for everything in between.")
    nnunet: NnunetModel = NnunetModel()
    experts: dict[str, ExpertModel] = Field(min_length=1)
    cohort: CohortChoice
    merge: MergeModel = MergeModel()
    unified: UnifiedModel
    repair: Rules = Field(PackName("recommended"), description="Rules for the unified model.")
    release: ReleaseModel = ReleaseModel()

    @field_validator("pipeline")
    @classmethod
    def _one_word(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            kind, message = "name", "is one word of letters, digits, `_` and `-`"
            raise PydanticCustomError(kind, message)
        return value

    @field_validator("cohort", mode="before")
    @classmethod
    def _file_or_section(cls, value: object) -> object:
        if not isinstance(value, str | dict):
            message = "needs the path of a cohort file, or `image:` and `cases:`"
            raise PydanticCustomError("cohort_form", message)
        return value


def usable_name(name: object) -> bool:
    """Tell whether a name can be part of file names and of names of stages."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _dataset_name(value: str | None) -> str | None:
    if value is not None and not _DATASET_NAME.fullmatch(value):
        kind, message = "dataset_name", "has only letters, digits, `_` and `-`"
        raise PydanticCustomError(kind, message)
    return value
