"""`vesalius cache`: what is kept of earlier commands, where, and how it is emptied."""

from __future__ import annotations

from contextlib import suppress

import click

from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.keeping.cache_folder import (
    MOST_BYTES,
    MOST_ENTRIES,
    OFF,
    VARIABLE,
    cache_folder,
)

_MIB = 1 << 20


@click.command(name="cache")
@click.option("--empty", is_flag=True, help="Forget everything that is kept.")
def command(empty: bool) -> None:
    """Say where compiled plans are kept, and how many; or forget them.

    What is kept is made of schemes, rules and the ontology alone: nothing of any case or patient.
    It is found again by digests of all that it is made of, so it never has to be emptied; old plans
    go by themselves. VESALIUS_CACHE names another folder, or is `off`.
    """
    folder = cache_folder()
    if folder is None:
        click.echo(f"nothing is kept: {VARIABLE} is `{OFF}`, or there is no home")
        return
    if empty:
        click.echo(f"{plural(folder.empty(), 'file')} removed from {folder.path}")
        return
    size = 0
    entries = folder.entries()
    for path in entries:
        with suppress(OSError):
            size += path.stat().st_size
    click.echo(
        f"{folder.path}: {plural(len(entries), 'plan')}, {size / _MIB:.1f} MiB"
        f" (at most {MOST_ENTRIES}, {MOST_BYTES // _MIB} MiB)"
    )
