"""Commands that README.md and pages show can be written: their verbs and options are there."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from vesalius.adapters.cli.main import cli

PAGES = ("README.md", "docs/commands.md", "docs/view.md")
FENCED = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown(text: str) -> list[list[str]]:
    """Give the words of each command in a block: up to a comment, `;` or `...`."""
    lines = "".join(FENCED.findall(text)).replace("\\\n", " ").splitlines()
    commands = [part for line in lines for part in line.removeprefix("$ ").split(" ; ")]
    return [
        [word for word in shlex.split(command, comments=True) if word != "..."]
        for command in commands
        if command.startswith("vesalius ")
    ]


def problems(words: list[str]) -> list[str]:
    command: click.Command = cli
    rest = words[1:]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest[0]) if rest else None
        if found is None:
            return [f"no verb {rest[:1]}"]
        command, rest = found, rest[1:]
    known = {name for parameter in command.params for name in parameter.opts}
    options = (word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word))
    return [f"no option {option}" for option in options if option not in known]


@pytest.mark.parametrize("page", PAGES)
def test_each_can_be_written(root, page):
    commands = shown((root / page).read_text(encoding="utf-8"))
    assert len(commands) >= 2
    assert {shlex.join(words): problems(words) for words in commands if problems(words)} == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("vesalius lint x.nii.gz --scheme amos22  # why", []),
        ("vesalius lint x.nii.gz --schema amos22", ["no option --schema"]),
        ("vesalius mend x.nii.gz", ["no verb ['mend']"]),
        ("vesalius new thing", ["no verb ['thing']"]),
        ("$ vesalius run \\\n -o out --html", []),
    ],
)
def test_a_wrong_command_is_found_out(line, wrong):
    assert [p for words in shown(f"```\n{line}\n```\n") for p in problems(words)] == wrong
