"""What stdout does not take costs no work; words that no encoding holds are said all the same."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).parent / "vesalius"
COHORT = """\
schema: cohort/1
cohort: two
predictions: {amos22: "preds/{case}.nii.gz"}
target: amos22
rules: none
cases: {from: amos22}
"""


@pytest.fixture
def cohort(tmp_path, small) -> Path:
    """Two cases; a run says a line before the first of them."""
    (tmp_path / "preds").mkdir()
    for name in "ab":
        (tmp_path / f"preds/{name}.nii.gz").write_bytes(small.read_bytes())
    (tmp_path / "cohort.yaml").write_text(COHORT)
    return tmp_path


def run(cwd: Path, *words: str, **options) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [SCRIPT, *words], cwd=cwd, check=False, stderr=subprocess.PIPE, **options
    )  # fmt: skip


def test_whoever_reads_no_further_stops_nothing(cohort):
    """As `vesalius run cohort.yaml -o out | head -0`: the code is that of the run."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = run(cohort, "run", "cohort.yaml", "-o", "out", stdout=writes)
    finally:
        os.close(writes)
    assert done.returncode == 0, done.stderr
    assert {path.parent.name for path in cohort.glob("out/*/report.json")} == {"a", "b"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stdout_is_said_when_all_is_done(cohort):
    with open("/dev/full", "wb") as full:
        done = run(cohort, "run", "cohort.yaml", "-o", "out", stdout=full)
    assert done.returncode == 4
    assert done.stderr.endswith(
        b"error: not all could be written to stdout: No space left on device\n"
    )
    assert {path.parent.name for path in cohort.glob("out/*/report.json")} == {"a", "b"}


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_a_name_that_is_no_text_is_said_as_it_is(tmp_path, small, locale):
    name = os.fsdecode(b"s\xff\xc3\xa9.nii.gz")
    try:
        small.rename(tmp_path / name)
    except OSError:
        pytest.skip("this file system wants text")
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"} if locale == "C" else {}
    done = run(
        tmp_path, "lint", name, "--scheme", "amos22", "--rules", "none", stdout=subprocess.PIPE,
        env={**os.environ, "LC_ALL": locale, **plain},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"s\xff\xc3\xa9.nii.gz" in done.stdout


def test_a_folder_that_is_gone_is_said(tmp_path):
    code = (
        "import os, sys\n"
        "os.mkdir('gone')\nos.chdir('gone')\nos.rmdir('../gone')\n"
        "from vesalius.adapters.cli.main import main\n"
        "sys.argv = ['vesalius', 'ls', 'schemes']\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "is not there any more" in done.stderr


def test_what_is_written_is_not_cut(tmp_path):
    """Through a pipe that its reader set not to wait, more than it holds."""
    code = (
        "from vesalius.adapters.cli.streams import make_streams_safe, refused_stdout\n"
        "make_streams_safe()\n"
        "print('x' * 3_000_000)\n"
        "assert refused_stdout() is None\n"
    )
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=writes)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        said = file.read()
    assert process.wait() == 0
    assert said == b"x" * 3_000_000 + b"\n"


def test_what_was_refused_is_known():
    code = (
        "import os\n"
        "from vesalius.adapters.cli.streams import make_streams_safe, refused_stdout\n"
        "make_streams_safe()\n"
        "print('\\ud800 and \\xe9')\n"
        "assert refused_stdout() is None\n"
        "os.close(1)\n"
        "print('more', flush=True)\n"
        "os._exit(refused_stdout())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == errno.EBADF
    assert done.stdout == b"\\ud800 and \xc3\xa9\n"
