"""Shell completion: the names are those that the program knows, and no verb is loaded for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import get_completion_class

from shipped_packs import shipped_pack
from vesalius.adapters.cli import completion
from vesalius.adapters.cli.completion import (
    ARGUMENTS,
    COMPLETION_CLASSES,
    OPTIONS,
    SHELLS,
    answer_shells,
)
from vesalius.adapters.cli.main import VERBS, cli
from vesalius.adapters.code_pages import code_pages
from vesalius.ontology.load import load_ontology, scheme_paths
from vesalius.rules.kind_page import kind_keys
from vesalius.rules.pack_places import pack_paths
from vesalius.rules.places import load_anchors

NAMES = {"SCHEME", "SCHEME=PATH", "SCHEME=TEMPLATE", "PACK", "RULE", "STRUCTURE"}
"""What options call names that can be completed."""


@pytest.fixture(scope="module")
def rules() -> dict[str, tuple[str, ...]]:
    return {name: shipped_pack(name).order for name in pack_paths()}


@pytest.fixture
def complete():
    """Ask as click does when a shell asks."""

    def complete(text: str) -> list[tuple[str, str]]:
        *words, begun = text.split(" ")
        answers = COMPLETION_CLASSES["bash"](cli, {}, "vesalius", completion.VARIABLE)
        return [(item.type, item.value) for item in answers.get_completions(words, begun)]

    return complete


def plain(*values: str) -> list[tuple[str, str]]:
    return [("plain", value) for value in values]


def test_names_are_those_that_are_loaded(rules):
    assert completion.scheme_names() == sorted(scheme_paths())
    assert sorted(completion.structure_names()) == sorted(load_ontology().structures)
    assert completion.code_names() == sorted(code_pages())
    assert completion.anchor_names() == sorted(load_anchors(load_ontology()))
    assert completion.kind_names() == sorted(kind_keys())
    assert completion.pack_names() == sorted(pack_paths())
    assert completion.rule_names() == sorted({rule for order in rules.values() for rule in order})
    for name, order in rules.items():
        assert completion.rule_names(["run", "--rules", name]) == sorted(order)


def commands(group: click.Group, *path: str):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


def test_every_option_that_takes_a_name_is_known():
    found = {
        (verb, written)
        for verb, command in commands(cli)
        for option in command.params
        if isinstance(option, click.Option) and option.metavar in NAMES
        for written in option.opts
    }
    # The selectors of `ls` are no rules, and `-t` and `-s` are said once more.
    assert {(verb, written) for verb, known in OPTIONS.items() for written in known} == found
    verbs = {verb for verb, _ in commands(cli)}
    assert set(ARGUMENTS) <= verbs
    assert {verb for verb, _, _ in VERBS} <= {verb.split()[0] for verb in verbs}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run --target amo", plain("amos22")),
        ("run -t amo", plain("amos22")),
        ("run --target=amo", plain("amos22")),
        ("run --target = amo", plain("amos22")),
        ("run -p amo", plain("amos22=")),
        ("run -p amos22=se", [("file", "amos22=se")]),
        ("run -p amos22 = se", [("file", "se")]),
        ("run -p x=y --rules dap", plain("dap_atlas")),
        ("run -p x=y --rules no", plain("none")),
        ("run -p x=y --rules my.y", [("file", "my.y")]),
        ("convert seg.nii.gz --from segt", plain("segthor")),
        ("convert seg.nii.gz --from btcv --to segt", plain("segthor")),
        ("lint seg.nii.gz --scheme segt", plain("segthor")),
        ("new cohort --scheme segt", plain("segthor")),
        ("new rule a/b --for superior_vena", plain("superior_vena_cava")),
        ("nnunet export --scheme segt", plain("segthor")),
        ("explain superior_vena", plain("superior_vena_cava")),
        ("ls rules --structure superior_vena", plain("superior_vena_cava")),
        ("explain midl", plain("midline")),
        ("explain segt", plain("segthor")),
        ("explain SCH00", plain(*(f"SCH00{n}" for n in range(1, 10)))),
        ("explain sides/liver", plain("sides/liver-on-the-right")),
        ("test sides/liver", plain("sides/liver-on-the-right")),
        ("test recomm", plain("recommended")),
        ("l", plain("lint", "ls")),
        ("ls sch", plain("schemes")),
        ("run --tra", plain("--trace")),
        ("lint --format gi", plain("github")),
    ],
)
def test_completed(complete, text, expected):
    assert complete(text) == expected


def test_every_shell_is_answered_alike():
    assert len({answers.get_completions for answers in COMPLETION_CLASSES.values()}) == 1


def test_rules_of_the_pack_that_is_named(complete, rules):
    of_paper = [rule for rule in rules["dap_atlas"] if rule.startswith("sides/")]
    found = complete("run --rules dap_atlas --select sides/")
    assert found == plain(*sorted(of_paper))
    assert {"sides/liver-on-the-right"} < set(rules["dap_atlas"])


def test_rules_of_a_file(complete, tmp_path):
    pack = tmp_path / "my.yaml"
    pack.write_text("schema: rules/1\nrules:\n  - id: a/one\n  - {id: a/two, for: liver}\n")
    assert complete(f"lint --rules {pack} --select a") == plain("a/one", "a/two")


def test_no_verb_is_loaded_for_names():
    code = (
        "import sys\n"
        "from vesalius.adapters.cli.completion import *\n"
        "from vesalius.adapters.cli.main import cli\n"
        "for words in (['run', '-p'], ['explain'], ['run', '--select'], ['run', '--rules']):\n"
        "    assert COMPLETION_CLASSES['bash'](cli, {}, 'vesalius', VARIABLE)"
        ".get_completions(words, '')\n"
        "print(*sorted({'yaml', 'numpy', 'pydantic', 'networkx'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_no_verb_that_measures_is_loaded_for_its_help():
    code = (
        "import sys\n"
        "from vesalius.adapters.cli.main import cli\n"
        "for verb in ('stats', 'validate', 'compare', 'concordance', 'population', 'report'):\n"
        "    cli([verb, '--help'], standalone_mode=False)\n"
        "print('loaded', *sorted({'yaml', 'numpy', 'pydantic', 'networkx'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\nloaded\n")


def test_click_answers_with_them():
    answer_shells()
    for shell in SHELLS:
        assert get_completion_class(shell) is COMPLETION_CLASSES[shell]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_verb_prints_what_click_writes(vesalius, installed, shell):
    done = vesalius("completion", shell)
    assert done.returncode == 0
    assert f"{completion.VARIABLE}={shell}_complete" in done.stdout
    assert installed(_VESALIUS_COMPLETE=f"{shell}_source").stdout.rstrip() == done.stdout.rstrip()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_in_bash():
    """The script is sourced, and its function called as bash does on TAB."""
    script = (
        'eval "$(vesalius completion bash)"\n'
        "try() {\n"
        '  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()\n'
        "  _vesalius_completion vesalius; echo ${COMPREPLY[*]}\n"
        "}\n"
        "compopt() { echo compopt $*; }\n"
        "try vesalius run --target amo\n"
        "try vesalius run -p amo\n"
        "try vesalius run -p amos22 = se\n"
        "try vesalius explain sides/liver\n"
        "try vesalius comp\n"
        "complete -p vesalius\n"
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "amos22",
        "compopt -o nospace",
        "amos22=",
        "compopt -o default",
        "",
        "sides/liver-on-the-right",
        "compare compile completion",
        "complete -o nosort -F _vesalius_completion vesalius",
    ]
