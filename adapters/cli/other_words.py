"""Words that people type in the place of a command, and the command that does what they mean."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import click

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
    "dataset": "new scheme",
    "help": "--help",
    "version": "--version",
}
"""What is typed, and what does it: a command, one of its own, or an option."""


def say_meant(word: str) -> str | None:
    """Give the help for a word that is no command: what does it, or None."""
    meant = MEANT.get(word.lower())
    if meant is not None:
        return f"that is `vesalius {meant}`"
    return None


def _judged(word: str) -> str | None:
    """Say what judges a segmentation that stands in the place of a command."""
    if word.lower().endswith((".nii", ".nii.gz")) or os.path.isdir(word):
        return f"`vesalius lint {word} --scheme auto` judges a segmentation"
    return None


class AnsweringGroup(click.Group):
    """A group that answers what is none of its commands with what does it, or the nearest."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered."""
        name = args[0] if args else ""
        own = self.list_commands(ctx)
        if name and not name.startswith("-") and name not in own:
            from vesalius.ontology.reading.diagnostics import suggest  # noqa: PLC0415

            above = ctx.find_root().command
            elsewhere = isinstance(above, click.Group) and name in above.list_commands(ctx)
            hint = f"that is `vesalius {name}`" if elsewhere else say_meant(name)
            if hint is None and ctx.parent is None:
                hint = _judged(name)
            hint = hint or suggest(name, own)
            if hint is None and ctx.parent is not None:
                hint = f"there are {', '.join(own)}"
            raise click.UsageError(f"no such command `{name}`" + (f"; {hint}" if hint else ""), ctx)
        return super().resolve_command(ctx, args)
