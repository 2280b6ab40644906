"""Paths with fields: ``images/{case}_0000.nii.gz``, ``AutoPET_{subject}_{uid:last5}.nii.gz``.

A field is a name in braces; ``:last5`` takes its last five characters, ``:first5`` its first, and
``:pad4`` puts zeros before it. What stands in brackets may be lacking, and ``*`` stands for any
text within one name: ``sub-{case}[_dir-ax]_ct.nii.gz``, ``{case}/*_seg.nii.gz``. Such a path is
looked for, and one file must fit. Doubled, a brace or a bracket stands for itself.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any as _Any
from typing import TypeAlias, cast

_PART = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(?P<field>[^{}:]*)(?P<cut>:[^{}]*)?\}|[{}\[\]*]")
_CUT = re.compile(r":(first|last|pad)([1-9][0-9]?)")
_MOST_OPTIONAL = 4
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
    end : {"", "first", "last", "pad"}
        Which end of the value is taken, or that zeros are put before it; empty takes all of it.
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
        if self.end == "pad":
            value = value.zfill(self.count)
        elif self.end and len(value) < self.count:
            raise FieldError(
                f"`{self.name}` is `{value}`, shorter than the {self.count} characters of "
                f"`{self.piece}`"
            )
        part = value
        if self.end in ("first", "last"):
            part = value[: self.count] if self.end == "first" else value[-self.count :]
        if _UNUSABLE.search(part) or part in (".", ".."):
            raise FieldError(f"`{self.name}` is `{value}`, which cannot be part of a file name")
        return part


class Wild:
    """Any text within one name."""


@dataclass(frozen=True)
class Optional:
    """A piece that may be lacking.

    Parameters
    ----------
    parts : tuple of str, Field or Wild
        What it is made of.
    """

    parts: tuple[str | Field | Wild, ...]


Part: TypeAlias = str | Field | Wild | Optional
Plain: TypeAlias = str | Field | Wild


@dataclass(frozen=True)
class PathTemplate:
    """A path with fields.

    Parameters
    ----------
    text : str
        As written.
    parts : tuple of str, Field, Wild or Optional
        Literal text and the rest in turn.
    """

    text: str
    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in order."""
        whole = self._variants()[0]
        return tuple(part for part in whole if isinstance(part, Field))

    @property
    def is_plain(self) -> bool:
        """Whether it names one path, without looking for files."""
        return not any(isinstance(part, Wild | Optional) for part in self.parts)

    def fill(self, values: Mapping[str, str]) -> str:
        """Put values in; of a template that is not plain, all that is optional is there.

        Raises
        ------
        FieldError
            If a value cannot be part of a path.
        """
        return _filled(self._variants()[0], values, str)

    def locate(self, root: Path, values: Mapping[str, str]) -> Path:
        """Give the path of one case, looking for it where the template leaves a choice.

        Parameters
        ----------
        root : Path
            Where relative templates start.
        values : mapping of str to str
            Values of all fields.

        Returns
        -------
        Path
            Where no file fits, one that is not there.

        Raises
        ------
        FieldError
            If a value cannot be part of a path, or several files fit.
        """
        if self.is_plain:
            return root / self.fill(values)
        start = glob.escape(f"{root.as_posix()}/")
        patterns = [_filled(parts, values, glob.escape) for parts in self._variants()]
        found = {
            path
            for pattern in patterns
            for path in glob.glob(pattern if pattern.startswith("/") else start + pattern)
        }
        if len(found) > 1:
            names = ", ".join(f"`{Path(path).name}`" for path in sorted(found)[:3])
            raise FieldError(f"{len(found)} files fit `{self.text}`: {names}")
        return Path(found.pop()) if found else root / self.fill(values)

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
        shape = self.shape(root, field, values)
        others = {**values, field: ""}
        patterns = {
            glob.escape(start)
            + "".join(
                "*" if isinstance(part, Field) and part.name == field else
                _filled((part,), others, glob.escape)
                for part in parts
            )
            for parts in self._variants()
        }  # fmt: skip
        found = (path.replace(os.sep, "/") for p in patterns for path in glob.glob(p))
        matches = (shape.fullmatch(path) for path in found)
        return sorted({match["name"] for match in matches if match})

    def shape(self, root: Path, field: str, values: Mapping[str, str]) -> re.Pattern[str]:
        """Give the regular expression of whole paths, with `/`; parameters as of `find`."""
        start = "" if self.text.startswith("/") else root.as_posix().rstrip("/") + "/"
        return re.compile(re.escape(start) + self._shape(field, values))

    def _shape(self, field: str, values: Mapping[str, str]) -> str:
        """Give the regular expression of the path; a name before any text is as long as it can."""
        shape, seen = "", False

        def one(part: Plain, greedy: bool) -> str:
            nonlocal seen
            if isinstance(part, Field) and part.name == field:
                again, seen = seen, True
                if again:
                    return "(?P=name)"
                return "(?P<name>[^/.][^/]*)" if greedy else "(?P<name>[^/.][^/]*?)"
            if isinstance(part, Wild):
                return "[^/]*"
            return re.escape(part.cut(values[part.name]) if isinstance(part, Field) else part)

        for at, part in enumerate(self.parts):
            if isinstance(part, Optional):
                shape += f"(?:{''.join(one(inner, False) for inner in part.parts)})?"
            else:
                following = self.parts[at + 1] if at + 1 < len(self.parts) else None
                shape += one(part, isinstance(following, Wild))
        return shape

    def _variants(self) -> tuple[tuple[Plain, ...], ...]:
        """Give the parts with and without what is optional; first with all of it."""
        choices: list[list[tuple[Plain, ...]]] = [
            [part.parts, ()] if isinstance(part, Optional) else [(part,)] for part in self.parts
        ]
        return tuple(tuple(chain(*chosen)) for chosen in product(*choices))


def parse_template(text: str) -> PathTemplate:
    """Read a template.

    Raises
    ------
    TemplateError
        If a brace or a bracket has no partner, a field no name, or `:` is followed by something
        unknown.
    """
    parts: list[Part] = []
    inside: list[Plain] | None = None
    position = 0
    for match in _PART.finditer(text):
        into: list[_Any] = cast("list[_Any]", parts if inside is None else inside)
        _add(into, text[position : match.start()])
        position = match.end()
        piece = match[0]
        if piece in ("{{", "}}", "[[", "]]"):
            _add(into, piece[0])
        elif piece == "*":
            _add(into, Wild())
        elif piece == "[" and inside is None:
            inside = []
        elif piece == "]" and inside is not None:
            parts.append(Optional(tuple(inside)))
            inside = None
        elif match["field"] is None:
            noun = "bracket" if piece in "[]" else "brace"
            raise TemplateError(
                f"the {noun} `{piece}` has no partner", piece, f"a {noun} itself is `{piece * 2}`"
            )
        else:
            _add(into, _field(match["field"].strip(), match["cut"], piece))
    if inside is not None:
        raise TemplateError("the bracket `[` has no partner", "[", "a bracket itself is `[[`")
    _add(parts, text[position:])
    if sum(isinstance(part, Optional) for part in parts) > _MOST_OPTIONAL:
        raise TemplateError(
            f"more than {_MOST_OPTIONAL} pieces are optional", "[", "`*` stands for any text"
        )
    return PathTemplate(text, tuple(parts))


def _filled(parts: Sequence[Plain], values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    return "".join(
        "*" if isinstance(part, Wild)
        else escape(part.cut(values[part.name]) if isinstance(part, Field) else part)
        for part in parts
    )  # fmt: skip


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
            f"such as `{{{name}:last5}}`, `{{{name}:first5}}` or `{{{name}:pad4}}`",
        )
    return Field(name, match[1], int(match[2]), piece)


def _add(parts: list[_Any], part: Plain) -> None:
    """Put a part at the end; literal text goes into the one before."""
    if isinstance(part, str) and parts and isinstance(parts[-1], str):
        parts[-1] += part
    elif part != "":
        parts.append(part)
