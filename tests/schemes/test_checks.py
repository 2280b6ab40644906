"""Where each check must speak and where it must not."""

import pytest

SILENT = {
    "an unlisted named integer, where the table is open": (
        "closed: false\nnames: {2: spleen}\nlabels:\n  1: liver\n"
    ),
    "the background's name": "names: {0: background}\nlabels:\n  1: liver\n",
    "a side read as the whole": "join: [kidney]\nnames: {1: left kidney, 2: right kidney}\n"
    "labels:\n  1: kidney\n  2: kidney\n",
    "a whole split by the midline": "names: {1: kidneys}\nlabels:\n"
    "  1: {left: kidney_left, right: kidney_right, unknown: kidney}\n",
    "sided words in a name without sides": "names: {1: Left atrium}\n"
    "labels:\n  1: heart_atrium_left\n",
    "a side that is in doubt": "despite_name: {1: users disagree}\nnames: {1: left kidney}\n"
    "labels:\n  1: kidney\n",
    "a side where the ontology has none": "names: {1: left liver}\nlabels:\n  1: liver\n",
    "a sequence without a member, by its names": "names: {2: Rib 2 left, 3: Rib 4 left}\n"
    "labels:\n  1: rib_left_1\n  2: rib_left_2\n  3: rib_left_4\n  4: rib_left_5\n"
    + "".join(f"  {i}: rib_right_{i - 10}\n" for i in range(11, 16)),
    "a level called L5": "names: {1: L5 vertebra, 2: L 5}\n"
    "labels:\n  1: vertebrae_L5\n  2: kidney_right\n",
    "a misleading name with a reason": "despite_name: {1: mirrored images}\n"
    "names: {1: left kidney}\nlabels:\n  1: kidney_right\n",
    "a dropped class of any name": "names: {1: left kidney}\nlabels:\n  1: drop\n  2: liver\n",
    "a declared reversal": "reversed: [ribs_left]\nnames:\n"
    + "".join(f"  {i}: Costa {i} Left\n" for i in range(1, 6))
    + "labels:\n"
    + "".join(f"  {i}: rib_left_{6 - i}\n" for i in range(1, 6)),
    "a declared reversal by structure names": "reversed: [ribs_left]\nnames:\n"
    + "".join(f"  {200 + i}: rib_left_{i}\n" for i in range(1, 6))
    + "labels:\n"
    + "".join(f"  {200 + i}: rib_left_{6 - i}\n" for i in range(1, 6)),
    "integers that fall along a sequence": "labels:\n"
    + "".join(f"  {i}: rib_left_{6 - i}\n" for i in range(1, 6)),
    "a cropped sequence": "labels:\n  1: rib_left_2\n  2: rib_left_4\n  9: rib_left_5\n",
    "a variant with a late integer": "labels:\n"
    + "".join(f"  {i}: vertebrae_L{i}\n" for i in range(1, 6))
    + "  28: vertebrae_L6\n  3000: vertebrae_T12\n",
    "one name for both sexes that is split": "names: {1: prostate or uterus}\n"
    "labels:\n  1: {male: prostate, female: uterus, unknown: drop}\n",
    "another background": "background: 255\nlabels:\n  0: liver\n",
    "interchanged neighbours that names confirm": "names: {3: rib left 4, 4: left rib 3}\n"
    "labels:\n" + "".join(f"  {i}: rib_left_{[1, 2, 4, 3, 5][i - 1]}\n" for i in range(1, 6)),
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT.keys())
def test_silent(codes, body):
    assert codes(body) == []


def test_reversal_by_structure_names_is_one_message(codes):
    ribs = range(1, 6)
    names = "".join(f"  {i}: rib_left_{i}\n  {10 + i}: rib_right_{i}\n" for i in ribs)
    labels = "".join(f"  {i}: rib_left_{6 - i}\n  {10 + i}: rib_right_{6 - i}\n" for i in ribs)
    found = codes(f"names:\n{names}labels:\n{labels}")
    assert [code for code, _ in found] == ["SCH013"]


@pytest.mark.parametrize("step", [1, -1])
def test_slip_in_either_direction_is_one_message(codes, step):
    names = ["spleen", "liver", "stomach", "aorta", "heart", "trachea", "colon", "pancreas"]
    slipped = names[:2] + (names[3:] if step > 0 else ["rectum", *names[2:-1]])
    body = "names:\n" + "".join(f"  {i}: {n}\n" for i, n in enumerate(names, 1))
    body += "labels:\n" + "".join(f"  {i}: {n}\n" for i, n in enumerate(slipped, 1))
    # 3 is the first that is wrong: ten lines of head and names, then two of labels.
    assert codes(body) == [("SCH010", 10 + 3)]


def test_a_slip_of_two_places_is_too_short_to_be_one(codes):
    body = "names: {1: liver, 2: spleen, 3: aorta}\nlabels:\n  1: spleen\n  2: aorta\n  3: heart\n"
    assert [code for code, _ in codes(body)] == ["SCH009"] * 3


def test_interchanged_pairs_need_no_exact_names(codes):
    body = "names: {1: big renal thing left, 2: big renal thing right}\n"
    body += "labels:\n  1: kidney_right\n  2: kidney_left\n"
    assert codes(body) == [("SCH008", 3)]


def test_reversal_declared_for_one_side_is_asked_for_the_other(codes):
    ribs = range(1, 6)
    names = "".join(f"  {i}: Costa {i} L\n  {10 + i}: Costa {i} R\n" for i in ribs)
    labels = "".join(f"  {i}: rib_left_{6 - i}\n  {10 + i}: rib_right_{6 - i}\n" for i in ribs)
    found = codes(f"reversed: [ribs_left]\nnames:\n{names}labels:\n{labels}")
    assert [code for code, _ in found] == ["SCH013"]


def test_side_is_checked_inside_a_declared_reversal(codes):
    names = "".join(f"  {i}: Costa {i} Left\n" for i in range(1, 6))
    labels = "".join(f"  {i}: rib_left_{6 - i}\n" for i in range(1, 5))
    body = f"reversed: [ribs_left]\nnames:\n{names}labels:\n{labels}  5: rib_right_1\n"
    assert codes(body) == [("SCH007", 13)]


def test_wrong_side_in_a_branch(codes):
    body = "names: {1: left thing}\nlabels:\n"
    body += "  1: {male: kidney_right, female: drop, unknown: drop}\n"
    assert codes(body) == [("SCH007", 3)]


def test_unknown_scheme_to_follow(codes):
    assert codes("numbering_of: amos23\nlabels:\n  1: liver\n") == [("SCH001", 1)]


def test_typo_and_join_of_a_typo_are_not_doubled(codes):
    assert codes("labels:\n  1: livr\n  2: livr\n") == [("SCH002", 2), ("SCH002", 3)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        # The side that the dataset states would be thrown away, of one class or of both.
        ("names: {1: left kidney}\nlabels:\n  1: kidney\n", [("SCH027", 3)]),
        ("names: {1: kidney_L, 2: r_kidney}\nlabels:\n  1: kidney\n  2: kidney\n",
         [("SCH027", 3), ("SCH027", 4)]),
        ("names: {1: leftkidney}\nlabels:\n  1: kidney_right\n", [("SCH007", 3)]),
        # A member left out: integers that rise, that fall, and a variant that fills no place.
        ("labels:\n  1: rib_left_1\n  2: rib_left_2\n  3: rib_left_4\n  4: rib_left_5\n"
         "  5: liver\n", []),
        ("labels:\n  1: vertebrae_T12\n  2: vertebrae_L1\n  3: vertebrae_L3\n"
         "  4: vertebrae_L4\n  5: vertebrae_L5\n  6: vertebrae_L6\n", [("SCH028", 4)]),
        ("labels:\n  9: vertebrae_T12\n  8: vertebrae_L1\n  7: vertebrae_L2\n"
         "  6: vertebrae_L4\n  5: vertebrae_L5\n", [("SCH028", 5)]),
        # ... but not where another message is about what hides the member.
        ("labels:\n  1: vertebrae_T12\n  2: vertebrae_L1\n  3: vertebra_L2\n"
         "  4: vertebrae_L3\n  5: vertebrae_L4\n  6: vertebrae_L5\n", [("SCH002", 4)]),
        ("labels:\n  1: vertebrae_T12\n  2: vertebrae_L1\n  x: vertebrae_L2\n"
         "  4: vertebrae_L3\n  5: vertebrae_L4\n  6: vertebrae_L5\n", [("SCH004", 4)]),
        ("labels:\n  1: vertebrae_T12\n  2: vertebrae_L1\n  3: vertebrae_L1\n"
         "  4: vertebrae_L3\n  5: vertebrae_L4\n  6: vertebrae_L5\n", [("SCH011", 3)]),
        ("names: {3: vertebra L2}\nlabels:\n  1: vertebrae_T12\n  2: vertebrae_L1\n"
         "  4: vertebrae_L3\n  5: vertebrae_L4\n  6: vertebrae_L5\n", [("SCH006", 1)]),
        ("names: {1: vertebra T12, 2: vertebra L1, 3: vertebra L2, 4: vertebra L3,"
         " 5: vertebra L4, 6: vertebra L5}\nlabels:\n  1: vertebrae_T12\n  2: vertebrae_L2\n"
         "  3: vertebrae_L3\n  4: vertebrae_L4\n  5: vertebrae_L5\n  6: vertebrae_L6\n",
         [("SCH010", 4)]),
        # One mistake, one message.
        ("labels:\n  0: background\n  1: liver\n", [("SCH005", 2)]),
        ("labels:\n  liver: 1\n  spleen: 2\n  aorta: 3\n", [("SCH004", 2)]),
        ("labels:\n  '1': liver\n  2: spleen\n", [("SCH004", 2)]),
        ("labels:\n1: liver\n2: spleen\n", [("YML010", 2)]),
        ("labels:\n  1: [kidney_left, kidney_right]\n", [("YML012", 2)]),
        ("labels:\n  1:\n  2: spleen\n", [("YML012", 2)]),
        ("labels:\n  - liver\n  - spleen\n", [("YML012", 2)]),
        ("labels:\n  1-24: vertebrae\n  25: liver\n", [("SCH004", 2)]),
    ],
)  # fmt: skip
def test_one_mistake_is_one_message(codes, body, said):
    assert codes(body) == said


@pytest.mark.parametrize(
    ("body", "help_"),
    [
        ("labels:\n  liver: 1\n  2: spleen\n", "the integer comes first: write `1: liver`"),
        ("labels:\n  '7': liver\n  2: spleen\n", "write `7` without quotes"),
        ("labels:\n  liver: 1\n  spleen: 2\n", "write `1: liver`; `vesalius new scheme"),
        ("labels:\n1: liver\n", "indent the integers below `labels:` by two spaces"),
        ("labels:\n  1: none\n", "write `drop` for a class that is left out on purpose"),
        ("labels:\n  1: qwertz\n", "`vesalius ls structures` lists them"),
        ("labels:\n  1: on\n", "`vesalius ls structures` lists them"),
        ("labels:\n  1: leftkidney\n", "did you mean `kidney_left`?"),
        ("labels:\n  1: kidney_L\n", "did you mean `kidney_left`?"),
        ("names: {1: liver, 2: spleen}\nlabels:\n  1: aorta\n  2: aorta\n",
         "write `1: liver`; if the name misleads"),
    ],
)  # fmt: skip
def test_the_help_says_what_to_write(parse, body, help_):
    _, found = parse(body)
    assert found[0].help.startswith(help_)


def test_two_classes_in_one_are_told_apart_by_their_names(parse):
    _, found = parse(
        "names: {1: heart atrium left, 2: heart atrium right}\nlabels:\n  1: heart\n  2: heart\n"
    )
    assert [d.code for d in found] == ["SCH011"]
    assert found[0].help == (
        "by their names, write `1: heart_atrium_left` and `2: heart_atrium_right`; "
        "if that is meant, add `join: [heart]`"
    )
