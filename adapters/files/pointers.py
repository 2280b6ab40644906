"""What stands in the place of a file that was never downloaded, and how to get it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_LFS: Final = b"version https://git-lfs.github.com/spec"
_ANNEX: Final = re.compile(rb"/annex/objects/|^\.git/annex/")
_PAGE: Final = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_XML: Final = re.compile(rb"\s*<\?xml\b.*<(error|html)\b", re.I | re.S)
_JSON: Final = re.compile(rb'\s*\{\s*"[^"]*(error|message|detail)', re.I)
_MARK: Final = b"\xef\xbb\xbf"
_SHOWN: Final = 40
_LONGEST_LETTER: Final = 4


def text_in_place(block: bytes, path: Path) -> tuple[str, str] | None:
    """Tell what text a file holds in place of a volume, and what to do; None where none is known.

    Parameters
    ----------
    block : bytes
        The first bytes of the file.
    path : Path
        The file, for the command that gets it.
    """
    start = block.removeprefix(_MARK)
    if start.startswith(_LFS):
        text = "this is a pointer of Git LFS, and the file itself was not downloaded"
        return text, f"get it: `git lfs pull --include {path.name}` in its repository"
    if _ANNEX.match(start) or _ANNEX.search(start[:64]):
        text = "this is a pointer of git-annex, and the file itself was not downloaded"
        return text, _annex_command(path)
    if _PAGE.match(start):
        text = "this is a web page: the download got a page in the place of the file"
        return text, "open it in a browser, it may say why (a login, a limit); get the file again"
    if _XML.match(start) or _JSON.match(start):
        text = "this is the message of a server: the download of the file failed"
        return text, "look into it with a text editor, it says why; get the file again"
    return None


def unknown_content(block: bytes) -> tuple[str, str] | None:
    """Tell of text and of empty bytes where a volume should be, and what to do; else None.

    Parameters
    ----------
    block : bytes
        The first bytes of the file, and not empty.
    """
    if not any(block):
        text = "its first bytes are all 0: the file was made, and never filled"
        return text, "the copy or the download broke off; get the file again"
    line = _first_line(block)
    if line is None:
        return None
    text = f"this is a text file, not a NIfTI file; it begins with `{line}`"
    return text, "a message or a pointer in the place of the file? Then get the file again"


def _first_line(block: bytes) -> str | None:
    """Give the beginning of a text; None for what is none."""
    start = block.removeprefix(_MARK)
    text = start.decode("utf-8", errors="ignore")
    # A letter of several bytes may be cut at the end of the block.
    cut = len(start) - len(text.encode())
    if cut >= _LONGEST_LETTER or not all(c.isprintable() or c in "\t\r\n" for c in text):
        return None
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def content_hint(path: Path) -> str | None:
    """Say how to get what a broken link of git-annex (datalad) stands for; None for others."""
    if path.is_symlink() and "annex/objects" in path.readlink().as_posix():
        return f"its content was not downloaded: {_annex_command(path)}"
    return None


def _annex_command(path: Path) -> str:
    return f"`git annex get {path.name}` or `datalad get {path.name}` in its folder"
