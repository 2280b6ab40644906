"""Paths with fields: ``images/{case}_0000.nii.gz``, ``AutoPET_{subject}_{uid:last5}.nii.gz``.

A field is a name in braces; ``:last5`` takes its last five characters and ``:first5`` its first.
``{{`` and ``}}`` stand for a brace.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PART = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:]*)(?P<cut>:[^{}]*)?\}|[{}]")
_CUT = re.compile(r":(first|last)([1-9][0-9]?)")
_UNUSABLE = re.compile(r"[/\\\x00-\x1f]")


class TemplateError(ValueError):
    """A template that cannot be read; `piece` is the part of its text that is wrong."""

    def __init__(self, message: str, piece: str, hint: str | None = None) -> None:
        self.piece = piece
        self.hint = hint
        super().__init__(message)


class FieldError(ValueError):
    """A value that cannot be put into a path."""


@dataclass(frozen=True)
class Field:
    """A field of a template.

    Parameters
    ----------
    name : str
        What it is filled with.
    end : {"", "first", "last"}
        Which end of the value is taken; empty takes all of it.
    count : int
        How many characters.
    piece : str
        As written, with braces.
    """

    name: str
    end: str
    count: int
    piece: str

    def cut(self, value: str) -> str:
        """Take the wanted part of a value.

        Raises
        ------
        FieldError
            If the value is empty, too short, or no part of a path.
        """
        if not value:
            raise FieldError(f"`{self.name}` is empty")
        if self.end and len(value) < self.count:
            raise FieldError(
                f"`{self.name}` is `{value}`, shorter than the {self.count} characters of "
                f"`{self.piece}`"
            )
        part = value
        if self.end:
            part = value[: self.count] if self.end == "first" else value[-self.count :]
        if _UNUSABLE.search(part) or part in (".", ".."):
            raise FieldError(f"`{self.name}` is `{value}`, which cannot be part of a file name")
        return part


@dataclass(frozen=True)
class PathTemplate:
    """A path with fields.

    Parameters
    ----------
    text : str
        As written.
    parts : tuple of str or Field
        Literal text and fields in turn.
    """

    text: str
    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in order."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    def fill(self, values: Mapping[str, str]) -> str:
        """Put values in.

        Raises
        ------
        FieldError
            If a value cannot be part of a path.
        """
        return "".join(
            part.cut(values[part.name]) if isinstance(part, Field) else part for part in self.parts
        )

    def find(self, root: Path, field: str, values: Mapping[str, str]) -> list[str]:
        """Find the values of one field by the files that are there.

        Parameters
        ----------
        root : Path
            Where relative templates start.
        field : str
            The field to find; stands in the template uncut.
        values : mapping of str to str
            Values of all other fields.

        Returns
        -------
        list of str
            Sorted; names that start with a dot are left out.
        """
        start = "" if self.text.startswith("/") else root.as_posix().rstrip("/") + "/"
        pattern, shape, seen = glob.escape(start), re.escape(start), False
        for part in self.parts:
            if isinstance(part, Field) and part.name == field:
                pattern += "*"
                shape += "(?P=name)" if seen else r"(?P<name>[^/.][^/]*?)"
                seen = True
                continue
            text = part.cut(values[part.name]) if isinstance(part, Field) else part
            pattern += glob.escape(text)
            shape += re.escape(text)
        found = (path.replace(os.sep, "/") for path in glob.glob(pattern))
        matches = (re.fullmatch(shape, path) for path in found)
        return sorted({match["name"] for match in matches if match})


def parse_template(text: str) -> PathTemplate:
    """Read a template.

    Raises
    ------
    TemplateError
        If a brace has no partner, a field no name, or `:` is followed by something unknown.
    """
    parts: list[str | Field] = []
    position = 0
    for match in _PART.finditer(text):
        parts.append(text[position : match.start()])
        position = match.end()
        piece = match[0]
        if piece in ("{{", "}}"):
            parts.append(piece[0])
        elif match["field"] is None:
            raise TemplateError(
                f"the brace `{piece}` has no partner", piece, f"a brace itself is `{piece * 2}`"
            )
        else:
            parts.append(_field(match["field"].strip(), match["cut"], piece))
    parts.append(text[position:])
    return PathTemplate(text, _joined(parts))


def _field(name: str, cut: str | None, piece: str) -> Field:
    if not name:
        raise TemplateError("a field needs a name", piece, "such as `{case}`")
    if cut is None:
        return Field(name, "", 0, piece)
    match = _CUT.fullmatch(cut)
    if match is None:
        raise TemplateError(
            f"`{cut}` is not a way to cut a value",
            piece,
            f"such as `{{{name}:last5}}` or `{{{name}:first5}}`",
        )
    return Field(name, match[1], int(match[2]), piece)


def _joined(parts: list[str | Field]) -> tuple[str | Field, ...]:
    joined: list[str | Field] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)
