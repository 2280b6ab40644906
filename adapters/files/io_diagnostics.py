"""The problems files can have, as diagnostics with the codes ``IO001``...

Every code has a page in ``adapters/codes``, whose first line is its title.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from vesalius.adapters.files.other_formats import hint_for_folder
from vesalius.adapters.files.pointers import content_hint
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, Severity
from vesalius.ontology.reading.listing import listing as long_listing
from vesalius.ontology.reading.nearest import suggest_file
from vesalius.ontology.reading.side_files import UnfitFileError

NO_INPUT_CODES = frozenset({"IO001", "IO030", "MEA001"})
"""There was nothing to read."""
USAGE_CODES = frozenset({"IO036", "IO050", "IO052"})
"""The command asked for something that cannot be done, whatever the voxels are."""


def problem(
    code: str,
    path: str | Path | None,
    message: str,
    hint: str | None = None,
    severity: Severity = "error",
) -> Diagnostic:
    """Build a diagnostic about a file.

    Parameters
    ----------
    code : str
        ``IO`` and a number.
    path : str, Path or None
        The file concerned.
    message : str
        What is wrong.
    hint : str or None
        The nearest valid thing.
    severity : {"error", "warning", "info"}
        How bad it is.
    """
    return Diagnostic(
        code=code,
        severity=severity,
        message=message,
        path=None if path is None else str(path),
        help=hint,
    )


def failure(
    code: str, path: str | Path | None, message: str, hint: str | None = None
) -> DiagnosticError:
    """Build the exception for one error about a file."""
    return DiagnosticError([problem(code, path, message, hint)])


def unreadable(path: str | Path, error: OSError) -> DiagnosticError:
    """Say why a file could not be opened or read."""
    path = Path(path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        hint = content_hint(path) or suggest_file(path)
        return failure("IO001", path, _missing_message(path), hint)
    if isinstance(error, UnfitFileError):
        return failure("IO002", path, f"the file is not read: {error.strerror}")
    if error.errno == errno.EISDIR:
        hint = hint_for_folder(path) or "give one file in it, a .nii or .nii.gz"
        return failure("IO002", path, "this is a folder, not a file", hint)
    if error.errno in (errno.EACCES, errno.EPERM):
        hint = "ask its owner for the right to read it"
        return failure("IO002", path, "no permission to read this file", hint)
    if error.errno == errno.ELOOP:
        return failure("IO002", path, "this link leads back to itself")
    return failure("IO002", path, f"the file cannot be read: {_reason(error)}")


def unwritable(path: str | Path, error: OSError) -> DiagnosticError:
    """Say why an output could not be written."""
    path = Path(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "free some space or choose another folder; nothing was written"
        return failure("IO051", path, f"the disk is full: {_reason(error)}", hint)
    # A place that is there and takes no file, such as /proc, says the same.
    if error.errno == errno.ENOENT and not path.parent.is_dir():
        return failure(
            "IO050",
            path,
            "the folder for this file does not exist",
            f"make it first: mkdir -p {path.parent}",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "choose a folder that you may write to"
        return failure("IO050", path, f"no permission to write here: {_reason(error)}", hint)
    return failure("IO050", path, f"the file cannot be written: {_reason(error)}")


def listing(items: list[str], limit: int = 5) -> str:
    """Join words for a message, fewer of them than where a whole line is free for them."""
    return long_listing(items, limit)


def plural(number: int, noun: str) -> str:
    """Give ``1 voxel`` or ``2,345 voxels``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _reason(error: OSError) -> str:
    if error.errno is None:
        return str(error)
    text = os.strerror(error.errno)
    return text[:1].lower() + text[1:]


def _missing_message(path: Path) -> str:
    if path.is_symlink():
        return f"this link points to `{path.readlink()}`, which does not exist"
    return "there is no such file"
