"""The tutorials, each followed from the top as it is written."""

from __future__ import annotations

import re

import pytest

from blocks import NOT_RUN, find_blocks, follow, run_console, run_line

TUTORIALS = ("cohort", "dataset", "segmentation", "training")
HEAVY = re.compile(r"nnunet (train|predict)\b|nnunet selftrain (?!.*(--dry-run|--emit))")


@pytest.fixture
def text(root, request) -> str:
    return (root / f"docs/tutorials/{request.param}.md").read_text(encoding="utf-8")


def test_all_are_here(root):
    assert {path.stem for path in (root / "docs/tutorials").glob("*.md")} == set(TUTORIALS)


@pytest.mark.parametrize("text", TUTORIALS, indirect=True)
def test_as_written(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = follow(text, tmp_path)
    assert done["console"] >= 4
    assert done["yaml"] >= 1


@pytest.mark.parametrize("text", TUTORIALS, indirect=True)
def test_what_is_not_run_trains(text):
    """Only what needs a network is left out; the page says so and why, above the block."""
    for block in find_blocks(text):
        if block.kind != "console":
            assert block.why_not_run is None
        elif block.why_not_run is None:
            assert not HEAVY.search(block.text)
        else:
            assert f"*Not run: {block.why_not_run}.*" in text
            assert HEAVY.search(block.text) or "unified/" in block.text


@pytest.mark.parametrize("text", TUTORIALS, indirect=True)
def test_what_is_not_run_can_be_written(text, tmp_path):
    """Options of commands that are only shown are options that the command has."""
    shown = [b.text for b in find_blocks(text) if b.why_not_run is not None]
    for line in re.findall(r"^\$ (vesalius .*)$", "".join(shown), re.MULTILINE):
        words = line.split()
        at = next((n for n, word in enumerate(words) if word.startswith("-")), len(words))
        verb = words[: min(at, 3 if words[1] == "nnunet" else 2)]
        helped = run_line(" ".join([*verb, "--help"]), tmp_path)
        assert helped.returncode == 0
        said = helped.stdout
        for option in re.findall(r"(?<= )--?[a-z][a-z-]*", line):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", said), f"{option}: {line}"


@pytest.mark.parametrize(
    ("console", "wrong"),
    [
        ("$ echo one\ntwo\n", "shown:"),
        ("$ false\n", "false"),
        ("$ echo one; echo two\n...\nthree\n", "said:"),
        ("$ echo one; echo two\no...o\n", "said:"),
        ("$ echo one >&2; echo two\none\n...\n", "said:"),
    ],
)
def test_a_wrong_tutorial_is_found_out(console, wrong, tmp_path):
    with pytest.raises(AssertionError, match=wrong):
        run_console(console, tmp_path)


@pytest.mark.parametrize(
    "shown", ["one\ntwo\n", "...\ntwo\n", "one\n...\n", "o...\nt...o\n", "one\n...\ntwo"]
)
def test_what_is_left_out(shown, tmp_path):
    run_console(f"$ echo one; echo two\n{shown}", tmp_path)


def test_blocks():
    text = (
        '```yaml title="a.yaml"\na: 1\n```\n\n   ```sh\n   ls\n   ```\n'
        f'```console title="{NOT_RUN}why"\n$ x\n```\n'
    )
    assert [(b.kind, b.where, b.text, b.why_not_run) for b in find_blocks(text)] == [
        ("yaml", "a.yaml", "a: 1\n", None),
        ("sh", "", "ls\n", None),
        ("console", f"{NOT_RUN}why", "$ x\n", "why"),
    ]
