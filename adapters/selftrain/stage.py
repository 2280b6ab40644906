"""A stage of a pipeline: what it reads, what decides its result, what it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Json = dict[str, object]


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Stage:
    """One stage.

    Parameters
    ----------
    name : str
        Such as ``train.amos22.fold0``; part of file names.
    after : tuple of str
        Stages whose outputs it reads.
    parameters : mapping
        Everything else that decides its outputs, as JSON values.
    files : mapping of str to Path
        Files and folders from outside the pipeline that it reads, by their role.
    work : callable
        Does it, and gives the files that the stage has written.
    command : tuple of str or None
        The command that does the same by hand; None where there is none.
    nnunet : bool
        Whether it needs nnU-Net.
    gpu : bool
        Whether it works on the accelerator.
    set_aside : callable
        Takes away what a run with other inputs left half done; called before `work` then.
    """

    name: str
    work: Callable[[], Iterable[Path]]
    after: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    command: tuple[str, ...] | None = None
    nnunet: bool = False
    gpu: bool = False
    set_aside: Callable[[], None] = nothing
