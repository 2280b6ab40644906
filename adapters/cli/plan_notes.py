"""What compiling has to say, short: the plan's notes are many and seldom what a run is about.

That a shipped rule cannot act on what is given is no news to whoever runs it: `vesalius compile`
and reports have it. That a rule of one's own cannot is said.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import click

from vesalius.adapters.cli.outcome import show
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.ontology.reading.diagnostics import Diagnostic
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.reading.render import render_concise
from vesalius.rules.pack_places import packs_folder

SAID_EACH = frozenset({"CMP002"})
"""Notes of which every one is said: classes that the output will not have."""
SOURCES_SHOWN = 4


def show_plan_warnings(diagnostics: Iterable[Diagnostic]) -> None:
    """Write the warnings of compiling to stderr, whole: they come before the work.

    Parameters
    ----------
    diagnostics : iterable of Diagnostic
        Of the compiler.
    """
    show(d for d in dict.fromkeys(diagnostics) if d.severity != "info")


def show_plan_notes(diagnostics: Iterable[Diagnostic], command: str) -> None:
    """Write the notes of compiling to stderr, in one line each kind: they come after the results.

    Notes about shipped rules are passed over.

    Parameters
    ----------
    diagnostics : iterable of Diagnostic
        Of the compiler; its warnings are passed over.
    command : str
        What shows all of them whole.
    """
    found = dict.fromkeys(diagnostics)
    said = [d for d in found if d.severity == "info" and not _of_shipped_rule(d)]
    notes = [replace(d, path=None, span=None) for d in said]
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


def _of_shipped_rule(note: Diagnostic) -> bool:
    if note.span is None:
        return False
    return real_path(note.span.path).is_relative_to(real_path(packs_folder()))


def compile_command(
    sources: Sequence[str], target: str, rules: Sequence[str], select: Sequence[str] = ()
) -> str:
    """Give the command that compiles the same plan; many sources are left to the reader.

    Parameters
    ----------
    sources : sequence of str
        Schemes, as the user names them.
    target : str
        The scheme of the output.
    rules : sequence of str
        The rule packs; empty for none.
    select : sequence of str
        Rules of it that are asked for; all where empty.
    """
    shown = [f"-s {shlex.quote(source)}" for source in sorted(set(sources))]
    words = ["vesalius compile", *(shown if len(shown) <= SOURCES_SHOWN else ["-s ..."])]
    words.append(f"-t {shlex.quote(target)}")
    words += [f"--rules {shlex.quote(pack)}" for pack in rules]
    words += [f"--select {shlex.quote(rule)}" for rule in select]
    return " ".join(words)
