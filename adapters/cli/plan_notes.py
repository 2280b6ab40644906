"""What compiling has to say, short: the plan's notes are many and seldom what a run is about."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import click

from vesalius.adapters.cli.outcome import show
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.diagnostics import Diagnostic
from vesalius.ontology.render import render_concise

SAID_EACH = frozenset({"CMP002"})
"""Notes of which every one is said: classes that the output will not have."""
SOURCES_SHOWN = 4


def show_plan_notes(diagnostics: Iterable[Diagnostic], command: str) -> None:
    """Write diagnostics of compiling to stderr: warnings whole, notes in one line each kind.

    Parameters
    ----------
    diagnostics : iterable of Diagnostic
        Of the compiler.
    command : str
        What shows all of them whole.
    """
    found = tuple(dict.fromkeys(diagnostics))
    show(d for d in found if d.severity != "info")
    notes = [replace(d, path=None, span=None) for d in found if d.severity == "info"]
    kinds = Counter(note.code for note in notes)
    lines = [
        render_concise([note]).rstrip("\n")
        for note in notes
        if note.code in SAID_EACH or kinds[note.code] == 1
    ]
    lines += [
        f"info[{code}] {plural(number, 'note')} about the plan; `{command}` shows them"
        for code, number in sorted(kinds.items())
        if number > 1 and code not in SAID_EACH
    ]
    if lines:
        click.echo("\n".join(dict.fromkeys(lines)), err=True)


def compile_command(
    sources: Sequence[str], target: str, rules: str | None, select: Sequence[str] = ()
) -> str:
    """Give the command that compiles the same plan; many sources are left to the reader.

    Parameters
    ----------
    sources : sequence of str
        Schemes, as the user names them.
    target : str
        The scheme of the output.
    rules : str or None
        The rule pack; None for none.
    select : sequence of str
        Rules of it that are asked for; all where empty.
    """
    shown = [f"-s {shlex.quote(source)}" for source in sorted(set(sources))]
    words = ["vesalius compile", *(shown if len(shown) <= SOURCES_SHOWN else ["-s ..."])]
    words.append(f"-t {shlex.quote(target)}")
    if rules is not None:
        words.append(f"--rules {shlex.quote(rules)}")
        words += [f"--select {shlex.quote(rule)}" for rule in select]
    return " ".join(words)
