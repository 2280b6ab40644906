"""Words that people type in the place of a command, and the command that does what they mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

MEANT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("check", "judge", "qc"), "lint"),
    **dict.fromkeys(("repair", "fix", "clean", "merge", "combine", "postprocess"), "run"),
    **dict.fromkeys(("relabel", "remap", "map"), "convert"),
    **dict.fromkeys(("detect", "guess"), "identify"),
    **dict.fromkeys(("list", "search"), "ls"),
    **dict.fromkeys(("scheme", "schemes"), "ls schemes"),
    **dict.fromkeys(("rule", "rules"), "ls rules"),
    **dict.fromkeys(("structure", "structures"), "ls structures"),
    **dict.fromkeys(("info", "describe", "why"), "explain"),
    **dict.fromkeys(("init", "create", "add"), "new"),
    **dict.fromkeys(("measure", "volumes", "statistics"), "stats"),
    **dict.fromkeys(("evaluate", "dice", "metrics"), "validate"),
    **dict.fromkeys(("html", "pages"), "report"),
    **dict.fromkeys(("show", "open", "gui"), "view"),
    **dict.fromkeys(("publish", "release"), "cohort release"),
    "export": "nnunet export",
    "train": "nnunet train",
    "predict": "nnunet predict",
    "selftrain": "nnunet selftrain",
    "help": "--help",
    "version": "--version",
}
"""What is typed, and what does it: a command, one of its own, or an option."""


def say_meant(word: str) -> str | None:
    """Give the help for a word that is no command: what does it, or None."""
    meant = MEANT.get(word.lower())
    if meant is not None:
        return f"that is `vesalius {meant}`"
    if word.lower().endswith((".nii", ".nii.gz")) or os.path.isdir(word):
        return f"`vesalius lint {word} --scheme auto` judges a segmentation"
    return None
