"""Without nnU-Net: one line says what to install; export works; nothing imports torch."""

from __future__ import annotations

import pytest

HIDE = "import sys; sys.modules['torch'] = sys.modules['nnunetv2'] = None\n"
COMMANDS = {
    "train": ("--dataset", 1, "--fold", 0),
    "predict": ("--images", "ct/{case}.nii.gz", "-o", "out/{case}.nii.gz", "--dataset", 1),
    "trainers": ("--install",),
}


@pytest.mark.parametrize("verb", COMMANDS)
def test_one_line(vesalius_nnunet, tmp_path, verb):
    done = vesalius_nnunet(verb, *COMMANDS[verb], before=HIDE, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"error[NNU001]: `vesalius nnunet {verb}` needs nnU-Net: "
        "pip install '.[nnunet]' in the checkout of vesalius\n"
    )


def test_export_needs_neither(vesalius_nnunet, mini):
    done = vesalius_nnunet(
        "export", "--scheme", "./mini.yaml", "--images", mini.images, "--labels", mini.labels,
        "--dataset-id", 5, "-o", "raw", before=HIDE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_trainers_are_listed(vesalius_nnunet):
    done = vesalius_nnunet("trainers", before=HIDE)
    assert done.stdout.split() == [
        "nnUNetTrainer_5000epochs",
        "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3",
        "nnUNetTrainer_MirrorSwap",
    ]
    assert "nnUNet_extTrainer=" in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("train", "--help"), ("export", "--help")])
def test_help_imports_nothing_heavy(vesalius_nnunet, arguments):
    watch = (
        "import atexit, sys\n"
        "heavy = ('torch', 'nnunetv2', 'nibabel', 'numpy', 'scipy')\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr))\n"
    )
    done = vesalius_nnunet(*arguments, before=watch)
    assert done.returncode == 0
    assert done.stderr == "[]\n"
