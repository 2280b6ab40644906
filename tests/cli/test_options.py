"""Every option says what it does, and is called the same in every verb."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from vesalius.adapters.cli.main import cli

SHORT = {
    "--output": "-o",
    "--scheme": "-s",
    "--target": "-t",
    "--image": "-i",
    "--prediction": "-p",
}


def verbs(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    for word in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), word)
        yield f"{name} {word}".strip(), found
        if isinstance(found, click.Group):
            yield from verbs(found, f"{name} {word}".strip())


VERBS = dict(verbs(cli))


def test_what_is_looked_at_is_there():
    assert {"run", "nnunet train", "new cohort", "cohort merge"} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_says_what_it_does(verb):
    options = [option for option in VERBS[verb].params if isinstance(option, click.Option)]
    assert [option.opts for option in options if not option.help] == []


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_has_the_same_short_form_everywhere(verb):
    for option in VERBS[verb].params:
        for long, short in SHORT.items():
            if long in option.opts:
                assert short in option.opts, f"{verb} {long}"
