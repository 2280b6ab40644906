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


def content_hint(path: Path) -> str | None:
    """Say how to get what a broken link of git-annex (datalad) stands for; None for others."""
    if path.is_symlink() and "annex/objects" in path.readlink().as_posix():
        return f"its content was not downloaded: {_annex_command(path)}"
    return None


def _annex_command(path: Path) -> str:
    return f"`git annex get {path.name}` or `datalad get {path.name}` in its folder"
