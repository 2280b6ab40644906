"""Digests of what the verbs that measure, judge and show say and write, of real and of made cases.

    python -W error tests/benchmarks/digest_verbs.py > here.txt

As `digest_results.py`, whose lines are about `run` alone: wherever it runs the lines are the same.
Each is a verb and what it said, or a file that it wrote. Left out is what a library draws or packs
in its own way: plots, the bytes of pictures (their pixels are told) and of Parquet (the CSV beside
it has the same cells). `--cohort` adds the forty patients of `vesalius demo cohort`, a minute.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import vesalius
from calling import call_vesalius
from vesalius.adapters.keeping.cache_folder import VARIABLE

PROGRAM = Path(vesalius.__file__).parent
DATA, PLOT = "VESALIUS_DATA", "demo.png"
V1, V2 = "totalsegmentator_v1", "totalsegmentator_v2"
SLAB, WHOLE, CHILD = (
    "{data}/ts_example_ct_slab30",
    "{data}/ts_example_ct_3mm",
    "{data}/totalseg_s0327",
)
FAST, FULL = f"{SLAB}/seg_v2_fast.nii.gz", f"{SLAB}/seg_v2.nii.gz"
V1_FULL, V1_FAST = f"{WHOLE}/seg_v1_full.nii.gz", f"{WHOLE}/seg_v1_fast.nii.gz"
TRUTH = f"{CHILD}/gt_v2.nii.gz"
MODELS = f"-p {V1}={V1_FULL} -p {V2}={WHOLE}/seg_v2_fast_force_split.nii.gz"
VERBS = {
    "demo": "demo -o demo --spacing 4",
    "lint": f"lint {TRUTH} -s {V2} --fail-on never --format json",
    "lint human": f"lint {V1_FULL} -s {V1} -i {WHOLE}/ct.nii.gz --fail-on never",
    "lint yaml": "lint {packs} --fail-on never",
    "identify": f"identify {FULL} --format json",
    "convert": f"convert {TRUTH} --from {V2} --to dap_atlas -o converted.nii.gz --format json",
    "run": f"run {MODELS} -i {WHOLE}/ct.nii.gz --trace --html --fail-on never -o run",
    "vote": f"run {MODELS} --merge vote --target {V2} --fail-on never -o vote",
    "explain": "explain run",
    "report": "report run -o pages",
    "stats": f"stats {FULL} -s {V2} -i {SLAB}/ct.nii.gz --like totalsegmentator -o stats"
             " --format csv",
    "stats human": f"stats {TRUTH} -s {V2}",
    "stats run": f"stats run/labels.nii.gz -s dap_atlas -i {WHOLE}/ct.nii.gz --format json",
    "validate": f"validate --pred {FAST} --truth {FULL} --scheme-pred {V2} --scheme-truth {V2}"
                " -o validate --format csv",
    "validate schemes": f"validate --pred {V1_FAST} --truth {V1_FULL} --scheme-pred {V1}"
                        f" --scheme-truth {V1} --format human",
    "compare": f"compare {FAST} {FULL} -s {V2} -o compare --format csv",
    "concordance": f"concordance {MODELS} -i {WHOLE}/ct.nii.gz --maps -o concordance --format csv",
    "staple": f"concordance {MODELS} --consensus staple --rules none -o staple --format csv",
    "structures": "ls structures --select side:left,region:thorax",
    "schemes": "ls schemes",
    "rules": "ls rules --structure kidney_left",
    "explain aorta": "explain aorta",
    "explain midline": "explain midline",
    "compile": "compile -s amos22 -s verse --stage linked",
}  # fmt: skip
COHORT = {
    "demo cohort": "demo cohort -o cohort --workers 1",
    "population": "population cohort/cohort.yaml cohort/run -o population --format json"
                  " --lesions cohort/lesions",
    "sample": "sample cohort/run -n 9 --stratify sex,verdict",
    "release": "cohort release cohort/run -o release",
    "stats cohort": "stats cohort/run -s dap_atlas --format csv",
}  # fmt: skip
"""By name, the words; in the order in which one reads what another wrote."""
LEFT_OUT = ("tool", "sha256", "path", "python", "packages")
DATA_URI = re.compile(r"data:image/(png|jpeg|webp);base64,([A-Za-z0-9+/=]+)")


def told(path: Path) -> str:
    """Digest what a file says, whatever packed it."""
    if path.name.endswith(".gz"):
        return _digest(gzip.decompress(path.read_bytes()))
    if path.suffix in (".png", ".jpeg", ".webp"):
        return _pixels(path.read_bytes())
    if path.suffix == ".json":
        plain = json.dumps(_plain(json.loads(path.read_text())), indent=1)
        return _digest(_words(plain).encode())
    if path.suffix == ".html":
        text = re.sub(r"<svg.*?</svg>", "", path.read_text(), flags=re.DOTALL)
        return _digest(_words(text).encode())
    return _digest(_words(path.read_text()).encode())


def _words(text: str) -> str:
    text = DATA_URI.sub(lambda found: _pixels(base64.b64decode(found[2])), text)
    for here, name in ((PROGRAM, "PROGRAM"), (Path.cwd(), "HERE"), (os.environ[DATA], "DATA")):
        text = text.replace(str(here), name)
    return text


def _pixels(image: bytes) -> str:
    picture = Image.open(io.BytesIO(image)).convert("RGBA")
    return _digest(picture.tobytes(), *picture.size)


def _plain(value: Any) -> Any:
    """Leave out where files lie, what made them, and digests over these."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key not in LEFT_OUT}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _digest(said: bytes, *more: object) -> str:
    return hashlib.sha256(said + repr(more).encode()).hexdigest()[:16]


def lines(verbs: dict[str, str], keep: Path | None) -> Iterator[str]:
    """Run each; give a line for what it says and for each file that is new."""
    seen: set[Path] = set()
    for name, words in verbs.items():
        given = words.format(data=os.environ[DATA], packs=PROGRAM / "rules/packs").split()
        done = call_vesalius("--no-project", *given, cwd=Path.cwd())
        said = _words(done.stdout + done.stderr)
        if keep is not None:
            (keep / f"{name.replace(' ', '_')}.txt").write_text(said)
        yield f"{name} | exit {done.returncode} {_digest(said.encode())}"
        files = {path for path in Path().rglob("*") if path.is_file()} - seen
        seen |= files
        for path in sorted(files):
            if path.suffix != ".parquet" and path.name != PLOT:
                yield f"{name} | {path.as_posix()} | {told(path)}"


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohort", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder of all that was written and said")
    options = parser.parse_args()
    os.environ["COLUMNS"] = "100"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() if options.keep is None else options.keep.resolve()
        (folder / "work").mkdir(parents=True)
        os.environ.setdefault(VARIABLE, str(folder / "plans"))
        os.chdir(folder / "work")
        for line in lines(VERBS | (COHORT if options.cohort else {}), options.keep and folder):
            print(line, flush=True)


if __name__ == "__main__":
    main()
