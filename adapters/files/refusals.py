"""What the system refuses: memory, a number of files or processes, a right. No bug of anyone."""

from __future__ import annotations

import errno
import os

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What the system says of a place that takes no more bytes."""
_REFUSED = FULL | {
    errno.EACCES, errno.EAGAIN, errno.EBUSY, errno.ELOOP, errno.EMFILE, errno.ENAMETOOLONG,
    errno.ENFILE, errno.ENODEV, errno.ENOLCK, errno.ENOMEM, errno.ENOTDIR, errno.ENXIO, errno.EPERM,
    errno.EROFS, errno.ESTALE, errno.ETIMEDOUT, errno.ETXTBSY,
}  # fmt: skip
_NO_THREAD = "can't start new thread"
"""The one thing that Python does not tell by a number."""


def refusal(error: BaseException) -> str | None:
    """Say what the system refused, in a sentence without its end; None for any other error.

    Parameters
    ----------
    error : BaseException
        What was raised.
    """
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
        return "no more threads can be started here"
    if not isinstance(error, OSError) or error.errno not in _REFUSED:
        return None
    reason = os.strerror(error.errno)
    if not isinstance(error.filename, (str, bytes)):
        return reason
    name = os.fsdecode(error.filename)
    return f"{reason}: {name if len(name) < _LONGEST else name[:_LONGEST] + '...'}"


_LONGEST = 300
"""Of a path that is shown."""
