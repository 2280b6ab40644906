"""`vesalius nnunet`: datasets, training and prediction with nnU-Net v2."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.nnunet_export import command as export
from vesalius.adapters.cli.nnunet_selftrain import command as selftrain
from vesalius.adapters.cli.other_words import AnsweringGroup
from vesalius.adapters.cli.outcome import CASES_FAILED, FINE, NO_INPUTS, Ended, show
from vesalius.adapters.cli.streams import stdout_to_stderr

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(path_type=Path)
_PROCESSES = "Processes that read and write, at the most."
F = TypeVar("F", bound=Callable[..., object])


def _model_options(command: F) -> F:
    """Add what names a model of nnU-Net, and where and on what it is worked on."""
    for option in reversed(
        (
            click.option(
                "--configuration", "-c", default="3d_fullres", show_default=True,
                help="One of the plans, such as 2d or 3d_fullres.",
            ),
            click.option(
                "--trainer", "-t", default="nnUNetTrainer", show_default=True,
                help="Name of the trainer; `vesalius nnunet trainers` lists ours.",
            ),
            click.option(
                "--plans", default="nnUNetPlans", show_default=True, help="Name of the plans."
            ),
            click.option("--device", default="cuda", show_default=True, help="cuda, cpu or mps."),
            click.option(
                "--trust-checkpoints", "trust", is_flag=True, envvar="VESALIUS_TRUST_CHECKPOINTS",
                help="Read checkpoints that hold more than weights; they can run any code.",
            ),
            click.option("--raw", type=_FOLDER, help="Else $nnUNet_raw."),
            click.option("--preprocessed", type=_FOLDER, help="Else $nnUNet_preprocessed."),
            click.option("--results", type=_FOLDER, help="Else $nnUNet_results."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.group(name="nnunet", cls=AnsweringGroup)
def command() -> None:
    """Write datasets for nnU-Net v2, train on them, predict with what was trained."""


command.add_command(export)
command.add_command(selftrain)


@command.command(name="train", short_help="Plan, preprocess and train one fold.")
@click.option("--dataset", "-d", required=True, type=int, help="nnU-Net's number of the dataset.")
@_model_options
@click.option("--fold", "-f", required=True, metavar="N|all", help="What is trained.")
@click.option(
    "--planner", default="ExperimentPlanner", show_default=True, help="What makes the plans."
)
@click.option(
    "--plans-patch", type=_FILE,
    help='JSON shaped like the plans with what shall change, such as {"configurations": '
    '{"3d_fullres": {"patch_size": [32, 32, 32]}}}; kept until another is given.',
)  # fmt: skip
@click.option("--continue", "resume", is_flag=True, help="Go on from the last checkpoint.")
@click.option("--pretrained", type=_FILE, help="Checkpoint to start from, output heads excepted.")
@click.option("--start-from", type=_FILE, help="Trained stage 1 for the fine-tuning trainer.")
@click.option("--splits", type=_FILE, help="A splits_final.json of your own.")
@click.option("--no-validation", is_flag=True, help="Do not predict the validation cases.")
@click.option("--processes", type=click.IntRange(1), default=4, show_default=True, help=_PROCESSES)
def train(
    dataset: int,
    configuration: str,
    fold: str,
    trainer: str,
    plans: str,
    planner: str,
    plans_patch: Path | None,
    device: str,
    resume: bool,
    pretrained: Path | None,
    start_from: Path | None,
    splits: Path | None,
    no_validation: bool,
    trust: bool,
    processes: int,
    raw: Path | None,
    preprocessed: Path | None,
    results: Path | None,
) -> None:
    """Plan, preprocess (where that is not done yet) and train one fold.

    Prints the folder of the model. VESALIUS_NNUNET_EPOCHS, _ITERATIONS, _VAL_ITERATIONS and
    _SAVE_EVERY shorten a training for a trial.
    """
    from vesalius.adapters.nnunet.installation import (  # noqa: PLC0415
        Folders,
        activate,
        folder,
        require_nnunet,
    )

    require_nnunet("vesalius nnunet train")
    folders = Folders(
        folder("raw", raw), folder("preprocessed", preprocessed), folder("results", results)
    )
    number = _fold(fold)
    _limit_processes(processes)
    from vesalius.adapters.nnunet.planning import PlanJob, plan_and_preprocess  # noqa: PLC0415
    from vesalius.adapters.nnunet.plans_patch import read_patch  # noqa: PLC0415
    from vesalius.adapters.nnunet.trainer_names import check_trainer  # noqa: PLC0415
    from vesalius.adapters.nnunet.training import (  # noqa: PLC0415
        TrainJob,
        check_device,
        train_fold,
    )

    patch = None if plans_patch is None else read_patch(plans_patch)
    with stdout_to_stderr():
        # Planning can take hours; what is wrong with the rest is said first.
        activate(folders)
        check_device(device)
        check_trainer(trainer)
        plan_and_preprocess(
            PlanJob(
                folders=folders,
                dataset_id=dataset,
                configuration=configuration,
                plans=plans,
                planner=planner,
                patch=patch,
                processes=processes,
                patch_file=plans_patch,
            ),
            lambda line: click.echo(line, err=True),
        )
        done = train_fold(
            TrainJob(
                folders=folders,
                dataset_id=dataset,
                fold=number,
                configuration=configuration,
                trainer=trainer,
                plans=plans,
                device=device,
                resume=resume,
                pretrained=pretrained,
                start_from=start_from,
                splits=splits,
                validate=not no_validation,
                trust=trust,
            )
        )
    click.echo(f"{done.model}: fold {number} " + ("trained" if done.done else "was trained"))


@command.command(name="predict", short_help="Predict cases with a trained model.")
@click.option("--dataset", "-d", type=int, help="nnU-Net's number of the dataset trained on.")
@_model_options
@click.option(
    "--model", type=_FOLDER, help="Folder of the model, in place of -d, -c, -t and --plans."
)
@click.option("--images", required=True, metavar="TEMPLATE", help="Such as ct/{case}_0000.nii.gz.")
@click.option(
    "--output", "-o", required=True, metavar="TEMPLATE", help="Such as preds/{case}.nii.gz."
)
@click.option("--folds", metavar="N,N|all", help="All that are trained by default.")
@click.option(
    "--checkpoint", default="checkpoint_final.pth", show_default=True,
    help="Which file of each fold is read.",
)  # fmt: skip
@click.option(
    "--num-parts", type=click.IntRange(1), default=1, show_default=True,
    help="Into how many parts the cases are divided.",
)  # fmt: skip
@click.option(
    "--part-id", type=click.IntRange(0), default=0, show_default=True,
    help="Which part is predicted, from 0.",
)  # fmt: skip
@click.option("--continue", "resume", is_flag=True, help="Keep what this model predicted before.")
@click.option("--no-mirroring", is_flag=True, help="Predict each image once, without mirroring.")
@click.option(
    "--step", type=float, default=0.5, show_default=True,
    help="Step of the sliding window, as a share of it.",
)  # fmt: skip
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True, help=_PROCESSES)
@click.option(
    "--batch", type=click.IntRange(1), default=16, show_default=True,
    help="Cases that are given to nnU-Net at a time.",
)  # fmt: skip
@format_option()
def predict(
    dataset: int | None,
    configuration: str,
    trainer: str,
    plans: str,
    model: Path | None,
    images: str,
    output: str,
    folds: str | None,
    checkpoint: str,
    device: str,
    num_parts: int,
    part_id: int,
    resume: bool,
    no_mirroring: bool,
    step: float,
    processes: int,
    batch: int,
    trust: bool,
    raw: Path | None,
    preprocessed: Path | None,
    results: Path | None,
    form: str,
) -> None:
    """Predict cases with a trained model, in the integers of the scheme it was trained on."""
    from vesalius.adapters.nnunet.installation import require_nnunet  # noqa: PLC0415

    require_nnunet("vesalius nnunet predict")
    _limit_processes(processes)
    from vesalius.adapters.nnunet.prediction import PredictJob  # noqa: PLC0415
    from vesalius.adapters.nnunet.prediction import predict as predict_cases  # noqa: PLC0415
    from vesalius.adapters.nnunet.templates import find_cases, why_none  # noqa: PLC0415

    place = model or _model(dataset, configuration, trainer, plans, (raw, preprocessed, results))
    found = find_cases(images, "--images")
    if not found:
        from vesalius.adapters.files.io_diagnostics import problem  # noqa: PLC0415

        text = f"no file is called like `{images}`"
        show([problem("NNU004", None, text, why_none(images))])
        raise Ended(NO_INPUTS)
    job = PredictJob(
        model=place,
        images=found,
        output=output,
        folds=None if folds is None else tuple(_fold(word) for word in folds.split(",")),
        checkpoint=checkpoint,
        device=device,
        num_parts=num_parts,
        part_id=part_id,
        resume=resume,
        mirror=not no_mirroring,
        step=step,
        processes=processes,
        batch=batch,
        trust=trust,
    )
    with stdout_to_stderr():
        done = predict_cases(job, lambda text: click.echo(text, err=True))
    show(done.failed)
    if form == "json":
        counts = {"done": done.done, "kept": done.kept, "failed": len(done.failed)}
        click.echo(json.dumps(counts, indent=2))
    else:
        click.echo(f"{len(done.done)} predicted, {len(done.kept)} kept, {len(done.failed)} failed")
    raise Ended(CASES_FAILED if done.failed else FINE)


@command.command(name="trainers", short_help="Show our trainers; let nnU-Net find them.")
@click.option("--install", is_flag=True, help="Write them into nnU-Net's package (before 2.8).")
@click.option("--remove", is_flag=True, help="Take out what --install wrote.")
def trainers(install: bool, remove: bool) -> None:
    """Show our trainers, and make them known to nnU-Net's own commands.

    `vesalius nnunet train` and `predict` need none of this.
    """
    from vesalius.adapters.nnunet import trainer_names  # noqa: PLC0415
    from vesalius.adapters.nnunet.installation import require_nnunet  # noqa: PLC0415

    if install or remove:
        require_nnunet("vesalius nnunet trainers")
        with stdout_to_stderr():
            trainer_names.remove_shim()
            path = trainer_names.install_shim() if install else None
        click.echo("removed" if path is None else f"written: {path}")
        return
    for name in trainer_names.TRAINERS:
        click.echo(name)
    click.echo(
        f"nnU-Net 2.8 and newer: export {trainer_names.EXTERNAL}={trainer_names.EXTERNAL_FOLDER}\n"
        "older: vesalius nnunet trainers --install",
        err=True,
    )


def _model(
    dataset: int | None,
    configuration: str,
    trainer: str,
    plans: str,
    given: tuple[Path | None, Path | None, Path | None],
) -> Path:
    from vesalius.adapters.nnunet.datasets import dataset_name, model_folder  # noqa: PLC0415
    from vesalius.adapters.nnunet.installation import Folders, activate, folder  # noqa: PLC0415

    if dataset is None:
        raise click.UsageError("which model? give --dataset, or --model FOLDER")
    results = folder("results", given[2])
    # Prediction needs the results only.
    raw = folder("raw", given[0]) if given[0] or "nnUNet_raw" in os.environ else results
    known = given[1] or "nnUNet_preprocessed" in os.environ
    folders = Folders(raw, folder("preprocessed", given[1]) if known else results, results)
    if known and raw != results:
        activate(folders)
    name = dataset_name(dataset, folders)
    return model_folder(folders, name, trainer, plans, configuration)


def _fold(text: str) -> int | str:
    if text != "all" and not text.isdigit():
        raise click.BadParameter(f"`{text}` is neither a number nor `all`", param_hint="--fold")
    return text if text == "all" else int(text)


def _limit_processes(processes: int) -> None:
    # nnU-Net reads it when it is imported, for the workers of its validation.
    os.environ.setdefault("nnUNet_def_n_proc", str(processes))
