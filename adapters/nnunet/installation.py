"""Whether nnU-Net is there, and which folders it works in.

Nothing here imports nnU-Net or torch unless asked to run them. nnU-Net up to 2.7 reads its three
folders from the environment once, when it is imported: `activate` must come first, and a process
can work in one set of folders only.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from vesalius.adapters.files.io_diagnostics import failure
from vesalius.adapters.nnunet.environment import with_variables

EXTRA = "nnunet"
_VARIABLES = {
    "raw": "nnUNet_raw",
    "preprocessed": "nnUNet_preprocessed",
    "results": "nnUNet_results",
}


@dataclass(frozen=True)
class Folders:
    """The three folders of nnU-Net.

    Parameters
    ----------
    raw, preprocessed, results : Path
        `nnUNet_raw`, `nnUNet_preprocessed` and `nnUNet_results`.
    """

    raw: Path
    preprocessed: Path
    results: Path


def require_nnunet(command: str) -> None:
    """Refuse to go on without nnU-Net.

    Raises
    ------
    DiagnosticError
        NNU001, one line.
    """
    if not is_installed():
        text = f"`{command}` needs nnU-Net: pip install '.[{EXTRA}]' in the checkout of vesalius"
        raise failure("NNU001", None, text)


def is_installed() -> bool:
    """Tell whether nnU-Net v2 and torch can be imported, without importing them."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "nnunetv2"))


def nnunet_version() -> tuple[int, int]:
    """Give major and minor version of the installed nnU-Net."""
    major, minor, *_ = version("nnunetv2").split(".")
    return int(major), int(minor)


def folder(
    kind: str,
    given: Path | None,
    environment: Mapping[str, str] = os.environ,
    option: str | None = None,
) -> Path:
    """Choose one of nnU-Net's folders: the option, else the environment.

    Parameters
    ----------
    kind : {"raw", "preprocessed", "results"}
        Which.
    given : Path or None
        What the user gave.
    environment : mapping
        Where nnU-Net's variables are.
    option : str, optional
        How the user gives it; by default by the name of its kind.

    Raises
    ------
    DiagnosticError
        NNU017 where neither is there.
    """
    variable = _VARIABLES[kind]
    if given is not None:
        return given.absolute()
    if environment.get(variable):
        return Path(environment[variable]).absolute()
    text = f"where is nnU-Net's {kind} folder? `{variable}` is not set"
    raise failure(
        "NNU017", None, text, f"give {option or f'--{kind}'} FOLDER or `export {variable}=FOLDER`"
    )


def activate(folders: Folders) -> None:
    """Point nnU-Net to its folders, making them if need be.

    Raises
    ------
    RuntimeError
        If nnU-Net was imported for other folders and cannot change them any more.
    """
    for kind, variable in _VARIABLES.items():
        place = str(Path(getattr(folders, kind)).absolute())
        imported = getattr(sys.modules.get("nnunetv2.paths"), variable, None)
        # From 2.8 on these are objects that ask the environment each time.
        if isinstance(imported, str) and imported != place:
            raise RuntimeError(
                f"nnU-Net works with {variable}={imported} in this process, not with {place}; "
                "start another process"
            )
        Path(place).mkdir(parents=True, exist_ok=True)
        os.environ[variable] = place


@contextmanager
def stops_are_reported(place: Path, hint: str) -> Iterator[None]:
    """Turn what nnU-Net raises into a message.

    Parameters
    ----------
    place : Path
        What nnU-Net was working on.
    hint : str
        How to go on.

    Raises
    ------
    DiagnosticError
        NNU026.
    """
    try:
        yield
    # nnU-Net, torch and worker processes raise plain exceptions of these kinds.
    except (RuntimeError, ValueError, OSError, AssertionError, KeyError, TypeError) as error:
        text = f"nnU-Net stopped: {type(error).__name__}: {error}"
        raise failure("NNU026", place, text, hint) from error


def workers_for_planning() -> AbstractContextManager[None]:
    """Give nnU-Net's planner at least one thread: it fails on `nnUNet_n_proc_DA=0`."""
    variable = "nnUNet_n_proc_DA"
    return with_variables({variable: "1"} if os.environ.get(variable) == "0" else {})
