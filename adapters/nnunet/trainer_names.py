"""Making our trainers findable by name, which is how nnU-Net refers to them.

nnU-Net 2.8 and newer look into the folders of `nnUNet_extTrainer`. Older ones walk over the
modules of their own package and take the first that has the name; `make_findable` puts the
classes into one of these modules, in memory only. For nnU-Net's own commands with an older
version, `install_shim` writes one module into nnU-Net's package.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import shutil
from collections.abc import MutableMapping
from pathlib import Path

from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.nnunet.installation import nnunet_version
from vesalius.ontology.reading.diagnostics import suggest

TRAINERS: dict[str, str] = {
    "nnUNetTrainer_5000epochs": "long",
    "nnUNetTrainer_1000epochs_NoMirroring_constLR1en3": "fine_tuning",
    "nnUNetTrainer_MirrorSwap": "mirror_swap",
}
"""Our trainers and the modules of `vesalius.adapters.nnunet.trainers` they are in."""
FINE_TUNING = next(name for name, module in TRAINERS.items() if module == "fine_tuning")
"""The trainer that goes on from another training."""

EXTERNAL = "nnUNet_extTrainer"
EXTERNAL_FOLDER = Path(__file__).parent / "ext_trainers"
SHIM = "vesalius_trainers.py"
FIRST_WITH_EXTERNAL = (2, 8)

_HOST = "nnunetv2.training.nnUNetTrainer.nnUNetTrainer"
_PLANNER = "nnunetv2.experiment_planning.experiment_planners.default_experiment_planner"
_OURS = "vesalius.adapters.nnunet.trainers"


def add_external_folder(environment: MutableMapping[str, str] = os.environ) -> str:
    """Add our folder to `nnUNet_extTrainer`, behind what is there; give the new value."""
    known = [part for part in environment.get(EXTERNAL, "").split(os.pathsep) if part]
    if str(EXTERNAL_FOLDER) not in known:
        known.append(str(EXTERNAL_FOLDER))
    environment[EXTERNAL] = os.pathsep.join(known)
    return environment[EXTERNAL]


def make_findable(version: tuple[int, int] | None = None) -> None:
    """Let nnU-Net find our trainers by name, in this process and (from 2.8 on) its children.

    Parameters
    ----------
    version : tuple of int, optional
        Major and minor version of nnU-Net; that of the installed one by default.
    """
    if (version or nnunet_version()) >= FIRST_WITH_EXTERNAL:
        add_external_folder()
        return
    host = importlib.import_module(_HOST)
    for name, module in TRAINERS.items():
        if not hasattr(host, name):
            setattr(host, name, getattr(importlib.import_module(f"{_OURS}.{module}"), name))


def install_shim() -> Path:
    """Write our trainers into nnU-Net's package, for its own commands before 2.8.

    Returns
    -------
    Path
        The module that was written; its folder holds nothing else and can be deleted.
    """
    target = _shim_folder()
    target.mkdir(exist_ok=True)
    (target / "__init__.py").touch()
    return Path(shutil.copyfile(EXTERNAL_FOLDER / SHIM, target / SHIM))


def remove_shim() -> None:
    """Take out what `install_shim` wrote."""
    shutil.rmtree(_shim_folder(), ignore_errors=True)


def check_trainer(name: str) -> None:
    """Refuse a trainer that neither nnU-Net nor we have.

    Raises
    ------
    DiagnosticError
        NNU015.
    """
    if name in TRAINERS or _is_external(name):
        return
    known = {*TRAINERS, *_trainers_of_nnunet()}
    if name not in known:
        hint = suggest(name, sorted(known)) or f"ours are {', '.join(TRAINERS)}"
        raise failure("NNU015", None, f"neither nnU-Net nor vesalius has a trainer `{name}`", hint)


def check_planner(name: str) -> None:
    """Refuse a planner that nnU-Net does not have, before it looks at every image.

    Raises
    ------
    DiagnosticError
        NNU015.
    """
    base = importlib.import_module(_PLANNER).ExperimentPlanner
    classes = _classes_in("nnunetv2.experiment_planning")
    known = sorted(found for found, kind in classes.items() if issubclass(kind, base))
    if name not in known:
        hint = suggest(name, known) or f"there are {', '.join(known)}"
        raise failure("NNU015", None, f"nnU-Net has no planner `{name}`", hint)


def _is_external(name: str) -> bool:
    """Ask nnU-Net, where it looks into folders that we cannot list."""
    if nnunet_version() < FIRST_WITH_EXTERNAL:
        return False
    finder = importlib.import_module("nnunetv2.utilities.find_objects")
    try:
        finder.recursive_find_trainer_class_by_name(name)
    except RuntimeError:
        return False
    return True


def _trainers_of_nnunet() -> set[str]:
    base = importlib.import_module(_HOST).nnUNetTrainer
    found = _classes_in("nnunetv2.training.nnUNetTrainer")
    return {name for name, kind in found.items() if issubclass(kind, base)}


def _classes_in(package: str) -> dict[str, type]:
    found: dict[str, type] = {}
    folder = importlib.import_module(package)
    for module in pkgutil.walk_packages(folder.__path__, folder.__name__ + "."):
        # Some architectures need packages that not everybody has.
        with contextlib.suppress(ImportError):
            content = vars(importlib.import_module(module.name))
            found |= {name: kind for name, kind in content.items() if isinstance(kind, type)}
    return found


def _shim_folder() -> Path:
    package = importlib.import_module("nnunetv2.training.nnUNetTrainer.variants")
    return Path(package.__path__[0]) / "vesalius"
