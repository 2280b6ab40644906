"""`use`: a rule of another pack instead of a copy of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import YamlPath
from vesalius.ontology.reading.real_path import real_path
from vesalius.ontology.reading.validation import validated
from vesalius.rules.compile.pack_files import PackFiles
from vesalius.rules.entry import Entry
from vesalius.rules.language import UseForm

ReadPack = Callable[[str], PackFiles | None]
"""Gives the files of a pack by its name, None where its head is wrong; raises a DiagnosticError
for a pack that is not there."""


@dataclass(frozen=True)
class Used:
    """What a `use` means.

    Parameters
    ----------
    uses : tuple of UseForm
        The `use` itself, and those it led to, first to last.
    rules : tuple of (str, Entry)
        For each of these the id and the entry that it means; the last is a rule.
    files : tuple of PackFiles
        The packs that these are in.
    """

    uses: tuple[UseForm, ...]
    rules: tuple[tuple[str, Entry], ...]
    files: tuple[PackFiles, ...]


def follow(entry: Entry, own: PackFiles, read_pack: ReadPack) -> Used:
    """Find the rule that a `use` means.

    Parameters
    ----------
    entry : Entry
        The `use`.
    own : PackFiles
        The pack it is in.
    read_pack : callable
        Reads other packs.

    Raises
    ------
    DiagnosticError
        YML0xx; RUL024 for a pack or a rule that is not there, a rule of the pack itself, and a
        `use` that leads back to where it began.
    """
    uses: list[UseForm] = []
    rules: list[tuple[str, Entry]] = []
    files: list[PackFiles] = []
    here, inside = entry, own
    seen = {_place(entry)}
    while here.uses:
        form = validated(UseForm, here.document, here.at)
        rule_id, meant, read = _meant(form.use, here, inside, read_pack)
        if _place(meant) in seen:
            message = f"`{form.use}` leads back to where it began"
            _refuse(here, message, "name the pack that has the rule written out")
        seen.add(_place(meant))
        uses.append(form)
        rules.append((rule_id, meant))
        files.append(read)
        here, inside = meant, read
    return Used(tuple(uses), tuple(rules), tuple(files))


def _meant(
    text: str, here: Entry, inside: PackFiles, read_pack: ReadPack
) -> tuple[str, Entry, PackFiles]:
    """Give the id and the entry that PACK/PHASE/NAME means, and its pack."""
    pack, _, rule_id = text.partition("/")
    if "/" not in rule_id:
        _refuse(here, f"`{text}` names no rule", "write PACK/PHASE/NAME")
    try:
        read = read_pack(pack)
    except DiagnosticError as error:
        _refuse(here, error.diagnostics[0].message, error.diagnostics[0].help)
    if read is None:
        _refuse(here, f"the pack `{pack}` cannot be read", "`vesalius lint` tells what is wrong")
    if _file(read) == _file(inside):
        _refuse(here, f"`{pack}` is this pack itself", "`use` takes rules of other packs")
    known = {entry.id: entry for entry in reversed(read.entries()) if entry.id is not None}
    if rule_id not in known:
        message = f"the pack `{pack}` has no rule `{rule_id}`"
        _refuse(here, message, suggest(rule_id, known) or f"see `vesalius ls rules --pack {pack}`")
    return rule_id, known[rule_id], read


def _file(pack: PackFiles) -> Path:
    return real_path(pack.document.path)


def _place(entry: Entry) -> tuple[str, YamlPath]:
    return entry.document.path, entry.at


def _refuse(entry: Entry, message: str, advice: str | None) -> NoReturn:
    raise DiagnosticError(
        [Diagnostic("RUL024", "error", message, span=entry.span("use"), help=advice)]
    )
