"""From what happened to an exit code and words on stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence

import click

from vesalius.adapters.cli.termination import Terminated, ended_by_exception
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError

_UNREACHABLE = frozenset(
    {errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENOTDIR}
)
FINE, FINDINGS, USAGE, NO_INPUTS, CASES_FAILED, BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


class Ended(Exception):
    """A command has said all it had to say and leaves with a code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exit code {code}")


def use_color() -> bool:
    """Tell whether stderr is a terminal that wants colour (`NO_COLOR` is respected)."""
    return sys.stderr.isatty() and "NO_COLOR" not in os.environ


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics to stderr, for a person."""
    from vesalius.ontology.reading.render import SHOWN_AT_MOST  # noqa: PLC0415

    _show(diagnostics, SHOWN_AT_MOST)


def show_all(diagnostics: Iterable[Diagnostic]) -> None:
    """Write every diagnostic to stderr, however many: nothing that is missing goes unsaid."""
    _show(diagnostics, None)


def _show(diagnostics: Iterable[Diagnostic], limit: int | None) -> None:
    from vesalius.ontology.reading.render import render_human  # noqa: PLC0415

    text = render_human(tuple(diagnostics), color=use_color(), limit=limit)
    if text:
        click.echo(text.rstrip("\n"), err=True)


def exit_code(diagnostics: Sequence[Diagnostic]) -> int:
    """Choose the exit code for problems that ended a command.

    Problems of a file of voxels fail the case (4), a place with nothing to read is 3, all others
    (YAML, names, options) are 2.
    """
    from vesalius.adapters.files.io_diagnostics import NO_INPUT_CODES, USAGE_CODES  # noqa: PLC0415

    errors = [d for d in diagnostics if d.severity == "error"]
    codes = {d.code for d in errors}
    if codes and codes <= NO_INPUT_CODES:
        return NO_INPUTS
    if any(not d.code.startswith(("IO", "RUN")) or d.code in USAGE_CODES for d in errors):
        return USAGE
    return CASES_FAILED


def guard(cli: click.Command, arguments: Sequence[str]) -> int:  # noqa: PLR0911 - one per way out
    """Run the command line and turn every way out into an exit code.

    Parameters
    ----------
    cli : click.Command
        The command.
    arguments : sequence of str
        Its arguments, without the program's name.

    Returns
    -------
    int
        The exit code.
    """
    try:
        with ended_by_exception():
            return _run(
                lambda: cli.main(list(arguments), prog_name="vesalius", standalone_mode=False)
            )
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except Terminated as told:
        click.echo("told to stop", err=True)
        return told.code
    except Ended as ended:
        return ended.code
    except DiagnosticError as error:
        show(error.diagnostics)
        return exit_code(error.diagnostics)
    except BrokenPipeError:
        # The reader has gone (`vesalius ls | head`); nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception as error:
        return _refused(error) or _crash(error)


def after_stdout(code: int) -> int:
    """Give the exit code of a command whose stdout may not have taken all that was written."""
    from vesalius.adapters.cli.streams import refused_stdout  # noqa: PLC0415

    refused = refused_stdout()
    if refused is None:
        return code
    _say_not_written(refused)
    return CASES_FAILED if code in (FINE, FINDINGS) else code


def _say_not_written(number: int) -> None:
    click.echo(f"error: not all could be written to stdout: {os.strerror(number)}", err=True)


def _run(call: Callable[[], object]) -> int:
    try:
        os.getcwd()
    except FileNotFoundError:
        # Before any module asks for it.
        raise click.UsageError(
            "the folder that this was called in is not there any more; go to another one"
        ) from None
    result = call()
    return result if isinstance(result, int) else FINE


def _refused(error: Exception) -> int | None:
    """Say what the system refused, where that is what was raised; give the exit code."""
    from vesalius.adapters.files.io_diagnostics import unreadable  # noqa: PLC0415
    from vesalius.adapters.files.refusals import FULL, refusal  # noqa: PLC0415

    if isinstance(error, OSError) and error.filename is None and error.errno in FULL:
        # Files are written elsewhere and say so themselves: this is stdout, where a script calls.
        _say_not_written(error.errno)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CASES_FAILED
    if isinstance(error, OSError) and error.errno in _UNREACHABLE and error.filename is not None:
        # A path that was typed, whatever it was meant for, and that is not even looked at.
        found = unreadable(os.fsdecode(error.filename), error).diagnostics
        show(found)
        return exit_code(found)
    said = refusal(error)
    if said is None:
        return None
    click.echo(f"error: {said}", err=True)
    return CASES_FAILED


def _crash(error: Exception) -> int:
    import traceback  # noqa: PLC0415

    from vesalius.adapters.cli.crash_log import keep_text  # noqa: PLC0415

    kept = keep_text(
        f"arguments: {sys.argv[1:]}\npython: {sys.version}\n\n"
        + "".join(traceback.format_exception(error))
    )
    click.echo(
        f"error: this is a bug in vesalius ({type(error).__name__}: {error})\n"
        f"  the details are in {kept}; please report them",
        err=True,
    )
    return BUG
