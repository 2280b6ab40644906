"""What broke inside the cases of a run, kept in a file that can be sent."""

from __future__ import annotations

from collections.abc import Iterable

import click


def keep_traces(traces: Iterable[tuple[str, str]]) -> None:
    """Write the traces of cases, by name, that broke, and say on stderr where they are.

    A case that did not break has an empty trace; where none did, nothing is written.
    """
    broken = [f"case {case}\n{trace}" for case, trace in traces if trace]
    if not broken:
        return
    kept = keep_text("\n".join(broken))
    click.echo(f"the details of what broke are in {kept}; please report them", err=True)


def keep_text(text: str) -> str:
    """Keep a text in a file; give its name, or say why there is none."""
    import tempfile  # noqa: PLC0415 - rarely needed

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="vesalius-crash-", suffix=".log", delete=False, encoding="utf-8",
            errors="backslashreplace",
        ) as log:  # fmt: skip
            log.write(text)
    except OSError as error:
        return f"no file ({error.strerror})"
    return log.name
