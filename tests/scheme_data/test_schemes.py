"""Facts of the shipped schemes that need no reference: the traps, written out by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import yaml

from vesalius.ontology.graph import Ontology
from vesalius.ontology.load import load_scheme, scheme_paths
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.scheme.meaning import BySex, Ignore, Meaning, To, of_sex, structures_of
from vesalius.ontology.scheme.read import parse_scheme
from vesalius.ontology.scheme.scheme import Scheme
from vesalius.rules.compile.link_schemes import link

GetScheme = Callable[[str], Scheme]

EVIDENCE = {"public label list", "third party", "inferred", "disputed"}


def targets(scheme: Scheme) -> dict[int, Meaning]:
    return {entry.integer: entry.target for entry in scheme.entries}


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_the_linter_finds_nothing(name: str, ontology: Ontology) -> None:
    """Not even a warning: a shipped scheme is the example that others copy."""
    _, found = parse_scheme(load_document(scheme_paths()[name]), ontology)
    assert found == []


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_a_shipped_scheme_says_what_it_is(name: str, scheme: GetScheme) -> None:
    found = scheme(name)
    assert found.name == name
    assert found.title
    assert found.about.endswith(".")
    assert found.source
    assert found.evidence in EVIDENCE
    assert len(found.by_integer()) == len(found.entries)
    integers = [entry.integer for entry in found.entries]
    assert integers == sorted(integers)


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_names_are_written_only_where_they_say_more(name: str, scheme: GetScheme) -> None:
    """A name that repeats the structure is clutter, unless the file gives every name."""
    data = yaml.safe_load(scheme_paths()[name].read_text())
    names, labels = data.get("names", {}), data["labels"]
    if set(names) == set(labels):
        return
    same = {
        integer: text
        for integer, text in names.items()
        if re.sub(r"[^a-z0-9]+", "_", text.lower()) == str(labels[integer]).lower()
    }
    assert same == {}


def test_a_scheme_of_the_readme_is_the_shipped_one(scheme: GetScheme) -> None:
    path = scheme_paths()["segthor"]
    example = re.search(r"```yaml\n(.*?)```", (path.parent / "README.md").read_text(), re.S)
    assert example is not None
    assert len(example[1].splitlines()) <= 15
    assert yaml.safe_load(example[1]) == yaml.safe_load(path.read_text())


def test_dap_atlas_has_143_labels_and_no_11(scheme: GetScheme) -> None:
    for name in ("dap_atlas", "dap_atlas_released"):
        integers = set(targets(scheme(name)))
        assert integers == set(range(1, 145)) - {11}
        assert len(scheme(name).structures()) == 143


def test_the_two_dap_schemes_number_the_ribs_from_opposite_ends(scheme: GetScheme) -> None:
    paper, released = scheme("dap_atlas"), scheme("dap_atlas_released")
    assert [e.name for e in paper.entries] == [e.name for e in released.entries]
    ribs = 0
    for one, other in zip(paper.entries, released.entries, strict=True):
        name = re.fullmatch(r"Costa (\d+) (Left|Right)", one.name)
        if name is None:
            assert one.target == other.target
            continue
        ribs += 1
        number, side = int(name[1]), name[2].lower()
        assert one.target == To(f"rib_{side}_{number}")
        assert other.target == To(f"rib_{side}_{13 - number}")
    assert ribs == 24
    assert paper.reversed == ()
    assert released.reversed == ("ribs_left", "ribs_right")


def test_dap_pairs_come_left_first_up_to_131_and_right_first_above(scheme: GetScheme) -> None:
    found = targets(scheme("dap_atlas"))
    for left, right in [(15, 16), (27, 28), (67, 68), (100, 101), (103, 104), (130, 131)]:
        assert_pair(found, left, right)
    for right, left in [(133, 134), (136, 137), (138, 139), (141, 142), (143, 144)]:
        assert_pair(found, left, right)


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("word", 3, 4),
        ("btcv", 3, 2),
        ("amos22", 3, 2),
        ("flare22", 13, 2),
        ("totalsegmentator_v1", 3, 2),
        ("totalsegmentator_v2", 3, 2),
        ("abdomenatlas_1_1", 3, 4),
        ("vista3d", 14, 5),
        ("pediatric_ct_seg", 12, 13),
    ],
)
def test_which_kidney_comes_first(name: str, left: int, right: int, scheme: GetScheme) -> None:
    found = targets(scheme(name))
    assert found[left] == To("kidney_left")
    assert found[right] == To("kidney_right")


def test_amos_15_and_vista_16_go_by_sex(scheme: GetScheme) -> None:
    by_sex = BySex(To("prostate"), To("uterus"), unknown=To("prostate_or_uterus"))
    assert targets(scheme("amos22"))[15] == by_sex
    assert targets(scheme("vista3d"))[16] == by_sex


def test_saros_255_is_not_annotated(scheme: GetScheme) -> None:
    assert targets(scheme("saros_body_regions"))[255] == Ignore()


def test_the_same_fifty_scans_under_two_numberings(scheme: GetScheme) -> None:
    twelve, flare = scheme("abdomenct_12organ"), scheme("flare22")
    assert targets(twelve)[12] == To("celiac_trunk")
    assert targets(twelve)[2] == To("kidney")
    assert "celiac_trunk" not in flare.structures()
    assert flare.integer_of("duodenum") == 12
    differ = {s for s in twelve.structures() if twelve.integer_of(s) != flare.integer_of(s)}
    assert {"stomach", "gallbladder", "aorta", "adrenal_gland_left"} & differ == {
        "stomach",
        "gallbladder",
        "adrenal_gland_left",
    }


def test_totalsegmentator_2_and_3_differ_in_26(scheme: GetScheme) -> None:
    two, three = targets(scheme("totalsegmentator_v2")), targets(scheme("totalsegmentator_v3"))
    assert {i for i in two if two[i] != three[i]} == {26}
    assert two[26] == To("vertebrae_S1")
    assert three[26] == To("vertebrae_L6")


def test_the_rib_fix_of_totalsegmentator_moved_ribs_only(scheme: GetScheme) -> None:
    old, new = scheme("totalsegmentator_v2_pre221"), scheme("totalsegmentator_v2")
    before, after = targets(old), targets(new)
    assert {i for i in before if before[i] != after[i]} == set(range(92, 108))
    assert set(old.structures()) == set(new.structures())
    left = [old.integer_of(f"rib_left_{k}") for k in range(1, 13)]
    assert left == list(range(94, 106))


def test_the_older_mr_task_has_legs_instead_of_shoulders(scheme: GetScheme) -> None:
    """Its thigh muscles stand in the order of the task that has them now."""
    old, new = (scheme(f"totalsegmentator_total_mr{end}").by_integer() for end in ("_56", ""))
    muscles = scheme("totalsegmentator_thigh_shoulder_muscles_mr").by_integer()
    assert {k for k in new if old[k].target != new[k].target} == set(range(32, 51))
    assert [old[k].target for k in range(34, 48)] == [new[k].target for k in range(36, 50)]
    assert [old[k].target for k in range(48, 56)] == [muscles[k].target for k in range(1, 9)]
    assert (old[32].name, old[33].name, old[56].name) == ("fibula", "tibia", "brain")


def test_spineps_adds_100_for_the_disc_below_a_vertebra_and_200_for_its_endplates(
    scheme: GetScheme,
) -> None:
    found = targets(scheme("spineps_vertebrae"))
    verse = targets(scheme("verse"))
    assert {k: v for k, v in found.items() if k < 100} == {
        k: v for k, v in verse.items() if k != 27
    }
    for k, target in found.items():
        if 200 > k > 100 and target != To("intervertebral_discs"):
            above = str(structures_of(verse[k - 100])[0]).removeprefix("vertebrae_")
            assert structures_of(target)[0].startswith(f"disc_{above}_")
        if k > 200:
            assert structures_of(target)[0] in ("vertebral_endplate", "sacrum_endplate")


def test_a_task_is_found_by_its_own_name_and_no_name_means_two(
    schemes: dict[str, Scheme], ontology: Ontology
) -> None:
    aliases = [alias for each in schemes.values() for alias in each.aliases]
    assert len(aliases) > 50
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & set(schemes)
    found = {word: load_scheme(word, ontology).name for word in ("total_mr", "face_mr_auxiliary")}
    assert found == {each: f"totalsegmentator_{each}" for each in found}
    with pytest.raises(DiagnosticError, match="SCH001"):
        load_scheme("total", ontology)


def test_totalsegmentator_writes_files_by_structure_name(scheme: GetScheme) -> None:
    for name, count in [("v1", 104), ("v2", 117), ("v2_pre221", 117), ("v3", 117)]:
        found = scheme(f"totalsegmentator_{name}")
        assert len(found.entries) == count
        assert found.folder.format(name="kidney_left") == "kidney_left.nii.gz"
        assert all(To(entry.name) == entry.target for entry in found.entries)


@pytest.mark.parametrize("name", sorted(scheme_paths()))
def test_no_left_name_goes_right(name: str, scheme: GetScheme) -> None:
    """Read sides with words of our own, not with those of the linter."""
    left = re.compile(r"(^|[_ -])(left|lt|l|links|al|pl)($|[_ -])", re.I)
    right = re.compile(r"(^|[_ -])(right|rt|r|rechts|ar|pr)($|[_ -])", re.I)
    for entry in scheme(name).entries:
        for structure in structures_of(entry.target):
            assert not (left.search(entry.name) and right.search(structure)), entry
            assert not (right.search(entry.name) and left.search(structure)), entry


@pytest.mark.parametrize("name", sorted(set(scheme_paths()) - {"dap_atlas_released", "ribseg_v2"}))
def test_rib_and_vertebra_numbers_are_kept(name: str, scheme: GetScheme) -> None:
    numbered = re.compile(r"(?:^|_)(?:rib_(?:left_|right_)?|costa_|vertebrae?_)([CTL]?\d+)", re.I)
    for entry in scheme(name).entries:
        said = numbered.search(re.sub(r"[ -]+", "_", entry.name))
        meant = [numbered.search(s) for s in structures_of(entry.target)]
        for match in meant:
            if said is not None and match is not None:
                assert said[1].upper() == match[1].upper(), entry


def test_the_sources_of_the_paper_reach_all_labels_but_those_made_by_rule(
    scheme: GetScheme, ontology: Ontology
) -> None:
    sources = [
        "pediatric_ct_seg", "totalsegmentator_v1", "verse", "ribseg_v1", "ctpelvic1k", "amos22",
        "btcv_cervix", "atm22", "parse22", "segthor", "abdomenct_12organ", "bca_koitka2021",
        "headneck_private",
    ]  # fmt: skip
    structures = {s for name in sources for s in scheme(name).structures()}
    reached = {near for s in structures for near in (s, *ontology.descendants(s))}
    assert set(scheme("dap_atlas").structures()) - reached == {
        "unknown_tissue", "cheek_left", "cheek_right", "eyeball_left", "eyeball_right",
        "nasal_cavity", "costal_cartilages",
    }  # fmt: skip


def assert_pair(found: dict[int, Meaning], left: int, right: int) -> None:
    one, other = found[left], found[right]
    assert isinstance(one, To)
    assert isinstance(other, To)
    assert one.structure.replace("left", "right") == other.structure
    assert one != other


def test_a_class_that_the_sex_splits_stays_itself_in_its_own_scheme(
    schemes: dict[str, Scheme], ontology: Ontology
) -> None:
    split = 0
    for found in schemes.values():
        linked = link(ontology, found, {found.name: found})
        for entry in linked.sources[0].entries:
            if isinstance(entry.meaning, BySex):
                split += 1
                # Where the sex is known, a class of its own is better (VISTA3D 118 is prostate).
                (name,) = structures_of(of_sex(entry.meaning, "unknown"))
                assert linked.integers[name] == entry.integer, found.name
    assert split == 2


def test_what_both_may_be_is_dropped_where_the_target_lists_neither(
    scheme: GetScheme, ontology: Ontology
) -> None:
    linked = link(ontology, scheme("dap_atlas"), {"amos22": scheme("amos22")})
    (entry,) = (e for e in linked.sources[0].entries if e.integer == 15)
    assert structures_of(of_sex(entry.meaning, "male")) == ("prostate",)
    (unsplit,) = structures_of(of_sex(entry.meaning, "unknown"))
    assert unsplit not in linked.integers
