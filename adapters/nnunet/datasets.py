"""Finding nnU-Net's datasets and trained models in its folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vesalius.adapters.files.io_diagnostics import failure, listing, unreadable
from vesalius.adapters.files.json_files import read_object
from vesalius.adapters.nnunet.installation import Folders
from vesalius.adapters.nnunet.label_ids import LabelIds, table_from_json

_TRAIN = "train it with `vesalius nnunet train`"

Fold = int | str


def dataset_name(dataset_id: int, folders: Folders) -> str:
    """Find the name of a dataset by its id.

    Raises
    ------
    DiagnosticError
        NNU018 where there is none, or more than one.
    """
    places = (folders.raw, folders.preprocessed, folders.results)
    prefix = f"Dataset{dataset_id:03d}_"
    names = sorted({p.name for place in places for p in place.glob(f"{prefix}*") if p.is_dir()})
    if len(names) == 1:
        return names[0]
    if names:
        text = f"the id {dataset_id} belongs to {listing([f'`{name}`' for name in names])}"
        raise failure("NNU018", None, text, "nnU-Net finds datasets by id: remove all but one")
    known = sorted({p.name for place in places for p in place.glob("Dataset*") if p.is_dir()})
    hint = f"known are: {listing(known)}" if known else "write one with `vesalius nnunet export`"
    raise failure("NNU018", folders.raw, f"there is no dataset with the id {dataset_id}", hint)


def model_folder(
    folders: Folders, dataset: str, trainer: str, plans: str, configuration: str
) -> Path:
    """Give the folder where nnU-Net keeps a trained model."""
    return folders.results / dataset / f"{trainer}__{plans}__{configuration}"


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object that nnU-Net wrote.

    Raises
    ------
    DiagnosticError
        IO001, IO002; NNU021 where it is damaged.
    """
    try:
        return read_object(path)
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError as error:
        raise failure("NNU021", path, f"this is not JSON: {error}") from None


def model_table(model: Path) -> LabelIds:
    """Read the table back to our integers that a trained model carries.

    Raises
    ------
    DiagnosticError
        NNU021 where the model was not trained on a dataset of ours.
    """
    path = model / "dataset.json"
    data = read_json(path)
    try:
        return table_from_json(data["vesalius"])
    except KeyError:
        text = "the model does not say which integers of ours its ids are"
    except ValueError as error:
        text = f"the table of labels cannot be used: {error}"
    raise failure("NNU021", path, text, "train on a dataset that `vesalius nnunet export` wrote")


def trained_folds(model: Path, checkpoint: str, wanted: Iterable[Fold] | None) -> tuple[Fold, ...]:
    """Find the folds of a model that can predict.

    Parameters
    ----------
    model : Path
        Its folder.
    checkpoint : str
        File name of the checkpoint.
    wanted : iterable of int or "all", or None
        Folds to use; None takes every numbered fold, or `all` where it is the only one.

    Raises
    ------
    DiagnosticError
        NNU021 where the model, or a wanted fold of it, is not there.
    """
    if not model.is_dir():
        beside = sorted(p.name for p in model.parent.glob("*__*__*"))
        hint = f"trained are: {listing(beside)}" if beside else _TRAIN
        raise failure("NNU021", model, "there is no trained model", hint)
    there = sorted(p.parent.name.removeprefix("fold_") for p in model.glob(f"fold_*/{checkpoint}"))
    if wanted is None:
        numbered = [int(fold) for fold in there if fold.isdigit()]
        if numbered:
            return tuple(numbered)
        if there:
            return tuple(there)
        others = sorted({path.name for path in model.glob("fold_*/*.pth")})
        hint = f"there are: {listing(others)}" if others else _TRAIN
        raise failure("NNU021", model, f"no fold of this model has a `{checkpoint}`", hint)
    chosen = tuple(wanted)
    missing = [str(fold) for fold in chosen if str(fold) not in there]
    if missing:
        noun = "fold" if len(missing) == 1 else "folds"
        text = f"{noun} {listing(missing)} of this model has no `{checkpoint}`"
        hint = f"trained are: {listing(there)}" if there else _TRAIN
        raise failure("NNU021", model, text, hint)
    return chosen
