"""`vesalius completion`, and the words that a shell may complete: structures, schemes, rules ...

A shell asks at every press of a key, so nothing is loaded or compiled here: names come from the
names of files or from a look at their lines, and the module of a verb is imported only where its
own options are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from vesalius.ontology.reading.side_files import YAML_BYTES, YAML_ENDINGS, read_side_file

_ROOT: Final = Path(__file__).resolve().parents[2]
_ONTOLOGY: Final = _ROOT / "ontology"
_PACKS: Final = _ROOT / "rules" / "packs"
_ANCHORS: Final = _ROOT / "rules" / "anchors.yaml"
_KINDS: Final = _ROOT / "rules" / "kinds"
_CODES: Final = ("ontology/codes", "rules/codes", "adapters/codes")
VARIABLE: Final = "_VESALIUS_COMPLETE"
"""What a shell sets when it asks."""
SHELLS: Final = ("bash", "zsh", "fish")

Candidates = Callable[[Sequence[str]], Iterable[str]]
"""From the words before the cursor to what could stand there."""


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete the words of `vesalius`.

    \b
    bash:  eval "$(vesalius completion bash)"       in ~/.bashrc
    zsh:   eval "$(vesalius completion zsh)"        in ~/.zshrc
    fish:  vesalius completion fish | source        in ~/.config/fish/config.fish
    """  # noqa: D301 - click reads the sign itself
    cli = context.find_root().command
    click.echo(COMPLETION_CLASSES[shell](cli, {}, "vesalius", VARIABLE).source().rstrip())


def scheme_names(words: Sequence[str] = ()) -> list[str]:
    """Give the shipped schemes."""
    return sorted(path.stem for path in (_ONTOLOGY / "schemes").glob("*.yaml"))


def structure_names(words: Sequence[str] = ()) -> list[str]:
    """Give the structures, groups included."""
    files = sorted((_ONTOLOGY / "structures").glob("*.yaml"))
    return [name for path in files for name in _found(r"^  (\w+):", path)]


def anchor_names(words: Sequence[str] = ()) -> list[str]:
    """Give the anchors and regions."""
    return sorted(_found(r"^  (\w+):", _ANCHORS))


def code_names(words: Sequence[str] = ()) -> list[str]:
    """Give the codes of diagnostics."""
    return sorted(path.stem for folder in _CODES for path in (_ROOT / folder).glob("*.md"))


def pack_names(words: Sequence[str] = ()) -> list[str]:
    """Give the shipped rule packs."""
    found = [path for path in _PACKS.iterdir() if path.is_dir() or path.suffix in YAML_ENDINGS]
    return sorted({path.stem for path in found if not path.name.startswith(("_", "."))})


def kind_names(words: Sequence[str] = ()) -> list[str]:
    """Give the forms of `expect`, `repair` and `derive`."""
    files = sorted(_KINDS.glob("*.py"))
    return sorted({name for path in files for name in _found(r'^    key="(\w+)"', path)})


def rule_names(words: Sequence[str] = ()) -> list[str]:
    """Give the rules: of the pack that the words name by `--rules`, else of all shipped."""
    pack = next((name for option, name in pairwise(words) if option == "--rules"), None)
    if pack is None:
        paths = sorted(_PACKS.rglob("*.yaml"))
    elif pack.endswith(YAML_ENDINGS):
        paths = [path for path in [Path(pack)] if path.is_file()]
    elif Path(pack, "pack.yaml").is_file():
        paths = sorted(Path(pack).glob("*.yaml"))
    else:
        paths = [*_PACKS.glob(f"{pack}.yaml"), *sorted(_PACKS.glob(f"{pack}/**/*.yaml"))]
    return sorted({name for path in paths for name in _found(_RULE, path)})


_RULE: Final = (
    # A rule; one of another pack under an id of its own; one under the id that it has there.
    r"^ *(?:- +(?:use:.*\n +|\{use: [^\n,}]+, *|\{)?id: *"
    r"|- +\{?use: *[^\s/]+/(?!.*(?:\n +|, *)id:))([^\s,}]+)"
)


def _found(pattern: str, path: Path) -> list[str]:
    try:
        return re.findall(pattern, read_side_file(path, YAML_BYTES).decode("utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return []


def _packs_or_none(words: Sequence[str]) -> list[str]:
    return [*pack_names(), "none"]


def _predictions(words: Sequence[str]) -> list[str]:
    return [f"{name}=" for name in scheme_names()]


def _known(words: Sequence[str]) -> list[str]:
    known = (structure_names, scheme_names, anchor_names, rule_names, kind_names, code_names)
    return sorted({name for names in known for name in names()})


def _tests(words: Sequence[str]) -> list[str]:
    return [*pack_names(), *rule_names()]


_SCHEMES: Final = (
    "--scheme", "-s", "--source", "--target", "-t", "--from", "--to", "--scheme-pred",
    "--scheme-truth", "--scheme-old", "--scheme-new",
)  # fmt: skip
_NAMED: Final[Mapping[str, Candidates]] = {
    **dict.fromkeys(_SCHEMES, scheme_names),
    **dict.fromkeys(("--prediction", "-p"), _predictions),
    **dict.fromkeys(("--structure", "--for"), structure_names),
    "--rules": _packs_or_none,
    "--pack": pack_names,
    "--select": rule_names,
}
_TAKES: Final[Mapping[str, str]] = {
    "run": "--prediction -p --target -t --rules --select",
    "convert": "--from --to",
    "lint": "--scheme -s --rules --select",
    "compile": "--source -s --target -t --rules --select",
    "stats": "--scheme -s",
    "view": "--scheme -s",
    "validate": "--scheme-pred --scheme-truth",
    "concordance": "--prediction -p --rules",
    "compare": "--scheme -s --scheme-old --scheme-new",
    "ls": "--pack --structure",
    "new rule": "--for",
    "new cohort": "--scheme -s --target -t --prediction -p",
    "new selftrain": "--scheme -s --target -t",
    "nnunet export": "--scheme -s",
    "cohort release": "--target -t",
}
OPTIONS: Final[Mapping[str, Mapping[str, Candidates]]] = {
    verb: {option: _NAMED[option] for option in options.split()}
    # Who views a case without rules leaves the option out.
    | ({"--rules": pack_names} if verb == "view" else {})
    for verb, options in _TAKES.items()
}
"""What can follow an option of a verb."""
ARGUMENTS: Final[Mapping[str, Candidates]] = {"explain": _known, "test": _tests}
"""What can stand as an argument of a verb."""


def candidates(words: Sequence[str], begun: str) -> list[CompletionItem] | None:
    """Give what could stand at the cursor, where names are asked for.

    Parameters
    ----------
    words : sequence of str
        The words before the cursor, without the program.
    begun : str
        What is typed of the word at the cursor.

    Returns
    -------
    list of CompletionItem or None
        None where the verb itself must be asked: its options, choices and files.
    """
    words = list(words)
    if begun.startswith("--") and "=" in begun:
        option, _, begun = begun.partition("=")
        words.append(option)
    if begun == "=":
        begun = ""
    elif words[-1:] == ["="]:
        # Bash takes an equals sign for a word.
        del words[-1]
        if words[-2:-1] in (["--prediction"], ["-p"]):
            return [CompletionItem(begun, type="file")]
    verb = next((v for n in (2, 1) if (v := " ".join(words[:n])) in _VERBS), None)
    if verb is None:
        return None
    last = words[-1]
    choose = OPTIONS.get(verb, {}).get(last)
    if choose is None and not last.startswith("-") and not begun.startswith("-"):
        choose = ARGUMENTS.get(verb)
    if choose is None:
        return None
    if choose is _predictions and "=" in begun:
        return [CompletionItem(begun, type="file")]
    found = [name for name in choose(words) if name.startswith(begun)]
    # What has no name here may be a file of the user's.
    return [CompletionItem(name) for name in found] or [CompletionItem(begun, type="file")]


_VERBS: Final = frozenset({*OPTIONS, *ARGUMENTS})


class _Names(ShellComplete):
    """Answers with names, where these are asked for, before a verb is imported."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Give what could stand at the cursor."""
        found = candidates(args, incomplete)
        return super().get_completions(args, incomplete) if found is None else found


class _Bash(_Names, BashComplete):
    source_template = BashComplete.source_template.replace(
        "COMPREPLY+=($value)",
        "COMPREPLY+=($value)\n            [[ $value == *= ]] && compopt -o nospace",
    )


class _Zsh(_Names, ZshComplete):
    pass


class _Fish(_Names, FishComplete):
    pass


COMPLETION_CLASSES: Final[Mapping[str, type[ShellComplete]]] = {
    "bash": _Bash,
    "zsh": _Zsh,
    "fish": _Fish,
}


def answer_shells() -> None:
    """Let click answer a shell with the names above."""
    for shell, answers in COMPLETION_CLASSES.items():
        add_completion_class(answers, shell)
