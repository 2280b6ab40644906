"""`vesalius lint` of segmentations: what it says, how it ends, and that it only looks."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import shutil
import struct

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

LIVER = "pieces/liver"
STRAY = "liver: 2nd piece of 2 (0.03 ml, 4 voxels) at (19, 15, 10) mm"
SMALL = "spleen: 0.10 ml, at least 1.00 ml expected at (17, 6, 5) mm"
MGH = struct.pack(">7i", 1, 5, 5, 5, 1, 0, 0)
KIDNEY = "kidney_right: should not be there (0.03 ml, 4 voxels) at (17, 5, 10) mm"


@pytest.fixture
def lint(vesalius, pack):
    """Lint AMOS files by the small pack."""

    def run(*arguments: object, **options):
        return vesalius("lint", "--scheme", "amos22", "--rules", pack, *arguments, **options)

    return run


def test_for_a_person(lint, case, same_text):
    done = lint(case.name, cwd=case.parent)
    assert done.returncode == 1
    assert done.stderr == ""
    same_text("lint-human.txt", done.stdout)


def test_one_line_each(lint, case):
    done = lint("seg.nii.gz", "--format", "concise", cwd=case.parent)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"seg.nii.gz:(9,7,5): error[pieces/liver] {STRAY}",
        f"seg.nii.gz:(8,3,2): warning[amount/spleen] {SMALL}",
        f"seg.nii.gz:(8,2,5): info[sides/no-right-kidney] {KIDNEY}",
    ]


def test_for_a_pull_request(lint, case):
    done = lint("seg.nii.gz", "--format", "github", cwd=case.parent)
    assert done.stdout.splitlines() == [
        f"::error file=seg.nii.gz,title=pieces/liver::{STRAY}",
        f"::warning file=seg.nii.gz,title=amount/spleen::{SMALL}",
        f"::notice file=seg.nii.gz,title=sides/no-right-kidney::{KIDNEY}",
    ]


def test_for_a_program(lint, case):
    done = lint(case, "--format", "json")
    document = json.loads(done.stdout)
    assert (document["schema"], document["path"]) == ("lint/1", str(case))
    liver, spleen, kidney = document["findings"]
    assert liver == {
        "path": str(case),
        "rule": "pieces/liver",
        "severity": "error",
        "message": STRAY,
        "kind": "another piece",
        "structures": ["liver"],
        "voxels": 4,
        "ml": 0.032,
        "at_mm": [19.0, 15.0, 10.0],
        "at_ijk": [9, 7, 5],
        "values": {"place": 2.0},
        "note": "",
        "unsafe": False,
        "repair": [
            {
                "from": "liver",
                "to": "background",
                "voxels": 4,
                "ml": 0.032,
                "box_ijk": [[9, 7, 5], [11, 9, 6]],
            }
        ],
        "no_repair": "",
    }
    assert (spleen["values"], spleen["repair"]) == ({"ml": 0.096, "at_least_ml": 1.0}, [])
    assert kidney["unsafe"]
    assert [(m["from"], m["to"], m["voxels"]) for m in kidney["repair"]] == [
        ("kidney_right", "kidney_left", 4)
    ]
    assert document["outcomes"] == [
        {"rule": "pieces/liver", "status": "violated",
         "reason": "not repaired: nothing is to be changed"},
        {"rule": "amount/spleen", "status": "violated", "reason": ""},
        {"rule": "sides/no-right-kidney", "status": "violated",
         "reason": "not repaired: nothing is to be changed"},
        {"rule": "sex/no-prostate", "status": "skipped",
         "reason": "unknown: the case does not say sex"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("select", "fail_on", "code"),
    [
        ("pieces/*", "error", 1),
        ("amount/*", "error", 0),
        ("amount/*", "warning", 1),
        ("sides/*", "warning", 0),
        ("sides/*", "info", 1),
        ("sex/*", "info", 0),
    ],
)
def test_the_mildest_finding_that_fails(lint, case, select, fail_on, code):
    assert lint(case, "--select", select, "--fail-on", fail_on).returncode == code


def test_only_the_selected_rules(lint, case):
    done = lint(case, "--select", "amount/*", "--select", "sex/no-prostate", "--format", "json")
    outcomes = json.loads(done.stdout)["outcomes"]
    assert [o["rule"] for o in outcomes] == ["amount/spleen", "sex/no-prostate"]


def test_a_rule_that_is_not_there(vesalius, case, pack, same_text):
    select = ("--select", "pieces/livr", "--select", "*liver*", "--select", "xyz/*")
    options = ("--scheme", "amos22", "--rules", pack.name)
    done = vesalius("lint", case, *options, *select, cwd=pack.parent)
    assert done.returncode == 2
    assert done.stdout == ""
    same_text("CLI003.txt", done.stderr)


def test_metadata_widen_what_can_be_judged(lint, save, organs):
    organs[4:6, 8, 2:4] = 15
    path = save("seg.nii.gz", organs)
    done = lint(path, "--sex", "female", "--format", "json", "--select", "sex/*")
    # Of a woman the class 15 of AMOS is a uterus, and so nothing is wrong.
    assert json.loads(done.stdout)["outcomes"][0]["status"] == "holds"
    done = lint(path, "--sex", "male", "--format", "json", "--select", "sex/*")
    (outcome,) = json.loads(done.stdout)["outcomes"]
    assert outcome["status"] == "skipped"
    assert outcome["reason"] == "does not apply: sex is male"


HU_PACK = """\
schema: rules/1
pack: hu
about: For tests.
phases: [x]
rules:
  - {id: x/hu, summary: Dense, for: spleen, expect: {hu: {at_least: 40}}}
  - {id: x/where, summary: Low, for: spleen, expect: {outside: {above: liver}}, on_missing: fail}
"""


def test_an_image_widens_what_can_be_judged(vesalius, save, organs, tmp_path):
    (tmp_path / "hu.yaml").write_text(HU_PACK)
    seg = save("seg.nii.gz", organs)
    image = save(
        "ct.nii.gz", np.select([organs == 1, organs > 1], [10, 50], -1000).astype(np.int16)
    )
    options = ("--scheme", "amos22", "--rules", tmp_path / "hu.yaml", "--select", "x/hu")
    without = vesalius("lint", seg, *options)
    assert without.returncode == 0
    assert "1 rule could not judge this file" in without.stdout
    done = vesalius("lint", seg, *options, "--image", image)
    assert done.returncode == 1
    assert "spleen: mean 10 HU, at least 40 HU expected (0.01 ml, 12 voxels)" in done.stdout


def test_a_rule_that_fails_is_a_finding(vesalius, save, organs, tmp_path):
    (tmp_path / "hu.yaml").write_text(HU_PACK)
    organs[organs == 6] = 0
    seg = save("seg.nii.gz", organs)
    options = ("--scheme", "amos22", "--rules", tmp_path / "hu.yaml", "--select", "x/where")
    done = vesalius("lint", seg, *options, "--format", "concise")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"{seg}: error[x/where] could not be judged; ")


def test_several_files_one_of_them_broken(lint, case, tmp_path):
    broken, good = tmp_path / "broken.nii.gz", tmp_path / "good.nii.gz"
    shutil.copy(case, good)
    broken.write_bytes(case.read_bytes()[:-20])
    done = lint(case, broken, good, "--format", "concise")
    assert done.returncode == 4
    assert done.stderr.count("error[") == 1
    assert "error[IO005]" in done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [str(case)] * 3 + [
        str(good)
    ] * 3
    done = lint(case, broken, good, "--format", "json")
    assert done.returncode == 4
    one, two, three = json.loads(done.stdout)
    assert [d["path"] for d in (one, two, three)] == [str(case), str(broken), str(good)]
    assert [p["code"] for p in two["problems"]] == ["IO005"]
    assert len(one["findings"]) == len(three["findings"]) == 3


def test_one_broken_file_is_still_json(lint, case):
    case.write_bytes(case.read_bytes()[:-20])
    done = lint(case, "--format", "json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["problems"][0]["code"] == "IO005"


def test_an_integer_of_another_scheme(lint, save):
    done = lint(save("seg.nii.gz", np.full((4, 4, 4), 99, np.uint8)))
    assert done.returncode == 4
    assert "error[RUN001]" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "start", "says"),
    [
        ("seg.seg.nrrd", b"NRRD0005\n", "IO003]: this is an NRRD file"),
        ("seg.mha", b"ObjectType = Image\n", "IO003]: this is a MetaImage file"),
        ("seg.dcm", bytes(128) + b"DICM", "IO003]: this is a DICOM file"),
        ("seg.npy", b"\x93NUMPY", "IO003]: this is a NumPy array"),
        ("seg.mgh", MGH, "IO003]: this is an MGH or MGZ file"),
        ("seg.mgz", gzip.compress(MGH, mtime=0), "IO003]: this is an MGH or MGZ file"),
        ("seg.mnc", b"CDF\x01", "IO003]: this is a MINC or NetCDF file"),
        ("seg.b2nd", b"\x9e\xa8b2frame\0", "IO003]: this is a Blosc2 file"),
        ("seg.nii.zst", b"\x28\xb5\x2f\xfd", "IO003]: this is a file compressed with zstd"),
        ("seg.nii.xz", lzma.compress(bytes(400)), "IO003]: this is a file compressed with xz"),
        ("seg.nii.bz2", bz2.compress(bytes(400)), "IO003]: this is a file compressed with bzip2"),
        ("seg.img", bytes(400), "IO009]: this is the voxel half"),
    ],
    ids=lambda value: value if str(value).startswith("seg.") else "",
)
def test_another_format_is_no_yaml(lint, tmp_path, name, start, says):
    (tmp_path / name).write_bytes(start + bytes(400))
    done = lint(tmp_path / name)
    assert done.returncode == 4
    assert f"error[{says}" in done.stderr


@pytest.mark.parametrize("name", ["seg.txt", "names.json", "seg.xyz"])
def test_with_a_scheme_only_yaml_is_yaml(vesalius, lint, tmp_path, name):
    (tmp_path / name).write_text('{"a": 1}')
    done = lint(tmp_path / name)
    assert done.returncode == 4
    assert "error[IO003]: this is a text file" in done.stderr
    assert "CLI002" in vesalius("lint", tmp_path / name).stdout


def test_a_folder_without_masks_is_refused_as_one(lint, tmp_path):
    (tmp_path / "m").mkdir()
    done = lint(tmp_path / "m")
    assert done.returncode == 4
    assert "error[IO030]: the folder is empty" in done.stderr


def test_labels_that_were_cut_to_bytes_are_told_of(vesalius, save):
    whole = np.array([0, 500, 600, 820], np.uint16).reshape(2, 2, 1)
    done = vesalius("lint", save("seg.nii.gz", whole.astype(np.uint8)), "--scheme", "mm_whs")
    assert done.returncode == 4
    assert "labels above 255 do not fit into bytes: 52 would be 820" in done.stderr
    other = whole.astype(np.uint8) | 1
    done = vesalius("lint", save("seg.nii.gz", other), "--scheme", "mm_whs")
    assert "do not fit into bytes" not in done.stderr


def test_usage(lint, vesalius, case, pack):
    assert "needs --scheme" in vesalius("lint", case).stderr
    mixed = lint(case, pack)
    assert mixed.returncode == 2
    assert "separate calls" in mixed.stderr
    assert vesalius("lint", case, "--scheme", "amos2").returncode == 2
    unknown = vesalius("lint", case, "--scheme", "amos22", "--rules", "dap_atlass")
    assert unknown.returncode == 2
    assert "error[RUL001]" in unknown.stderr
    assert "dap_atlas" in unknown.stderr


def test_a_folder_of_masks(vesalius, lint, organs, save, tmp_path, pack):
    folder = tmp_path / "masks"
    folder.mkdir()
    for name, integer in (("spleen", 1), ("right kidney", 2), ("liver", 6)):
        save(f"masks/{name}.nii.gz", (organs == integer).astype(np.uint8), np.diag([2, 2, 2, 1]))
    done = lint(folder, "--format", "json")
    assert done.returncode == 1, done.stderr
    messages = [f["message"] for f in json.loads(done.stdout)["findings"]]
    assert messages == [STRAY, SMALL, KIDNEY]


def test_a_file_in_which_nothing_is_wrong(lint, save):
    array = np.zeros((30, 30, 30), np.uint8)
    array[4:20, 4:20, 4:20] = 6
    done = lint(save("seg.nii.gz", array), "--fail-on", "info")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].endswith("seg.nii.gz: 4 rules: 3 holds, 1 not judged")


def test_many_findings_are_counted_and_the_largest_shown(lint, save):
    array = np.zeros((40, 9, 9), np.uint8)
    array[1:4, 1:8, 1:8] = 6
    for piece in range(11):
        array[6 + 3 * piece, 2, 2 : 3 + piece % 4] = 6
    path = save("seg.nii.gz", array)
    human = lint(path, "--select", LIVER).stdout
    assert human.count("liver: ") == 8
    assert "and 3 more findings" in human
    assert "liver: 2nd piece of 12 (0.00 ml, 4 voxels)" in human
    assert len(lint(path, "--format", "concise").stdout.splitlines()) == 11


SPARING = """\
schema: rules/1
pack: sparing
about: For tests.
phases: [x]
rules:
  - {id: x/liver, summary: x, for: liver,
     expect: {components: {at_most: 1}, spare: {cut: true}}}
"""


def test_the_number_of_pieces_is_said_only_where_it_is_known(vesalius, save, tmp_path):
    (tmp_path / "sparing.yaml").write_text(SPARING)
    array = np.zeros((12, 9, 9), np.uint8)
    array[2:5, 2:7, 2:7], array[7, 4, 4:6], array[11, 4, 4] = 6, 6, 6
    path = save("seg.nii.gz", array)
    options = ("--scheme", "amos22", "--rules", tmp_path / "sparing.yaml", "--format", "concise")
    (line,) = vesalius("lint", path, *options).stdout.splitlines()
    # The third piece lies at the border and is spared.
    assert "liver: 2nd piece (0.00 ml, 2 voxels)" in line


def fingerprint(folder) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("form", ["human", "concise", "json", "github"])
def test_lint_only_looks(lint, case, form):
    before = fingerprint(case.parent)
    assert lint(case, "--format", form, cwd=case.parent).returncode == 1
    assert fingerprint(case.parent) == before


@pytest.mark.real
@pytest.mark.parametrize("code", ["LPS", "PIR", "SAR", "AIL"])
def test_findings_do_not_depend_on_the_orientation(vesalius, data, tmp_path, code):
    name = "ts_example_ct_3mm/seg_v2_fast_force_split.nii.gz"
    image = nib.load(data / name)
    turned = image.as_reoriented(
        ornt_transform(io_orientation(image.affine), axcodes2ornt(tuple(code)))
    )
    path = tmp_path / "turned.nii.gz"
    nib.save(turned, path)
    found = []
    for place in (data / name, path):
        options = ("--scheme", "totalsegmentator_v2", "--rules", "dap_atlas", "--format", "json")
        done = vesalius("lint", place, *options)
        assert done.returncode == 1, done.stderr
        found.append(json.loads(done.stdout))
    straight, other = found
    assert straight["outcomes"] == other["outcomes"]
    assert len(straight["findings"]) == len(other["findings"]) > 5
    back = np.linalg.inv(image.affine) @ turned.affine
    for one, two in zip(straight["findings"], other["findings"], strict=True):
        for key in set(one) - {"path", "at_ijk", "repair"}:
            assert one[key] == two[key], key
        assert [(m["from"], m["to"], m["voxels"], m["ml"]) for m in one["repair"]] == [
            (m["from"], m["to"], m["voxels"], m["ml"]) for m in two["repair"]
        ]
        if one["at_ijk"] is not None:
            mapped = back @ [*two["at_ijk"], 1]
            assert np.allclose(mapped[:3], one["at_ijk"], atol=1e-3)
