"""The linked ontology: the graph, words, sequences, the library, and the packaged data."""

from __future__ import annotations

import pickle

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesalius.adapters.schemas import json_schema
from vesalius.ontology import load as library
from vesalius.ontology.json_schemas import structures_json_schema
from vesalius.ontology.link import read_ontology
from vesalius.ontology.load import load_folder, load_ontology
from vesalius.ontology.packaged import packaged_root
from vesalius.ontology.reading.diagnostics import DiagnosticError
from vesalius.ontology.reading.document import load_document
from vesalius.ontology.selector import select
from vesalius.ontology.words import normalise

LINES = """\
  system: {title: System, part_of: body, abstract: true}
  bone: {title: Bone, part_of: system, level: bone}
  cortex: {title: Cortex, part_of: [kidney, bone], level: part}
  tip: {title: Tip, part_of: cortex}
  odd_bone: {title: Odd Bone, is_a: bone}
"""


@pytest.fixture
def made(read):
    ontology, problems = read(LINES)
    assert problems == []
    return ontology


def test_order_and_values(made):
    assert list(made.structures) == [
        "body", "kidney", "kidney_left", "kidney_right", "liver",
        "system", "bone", "cortex", "tip", "odd_bone",
    ]  # fmt: skip
    assert made.get("liver", "region") == ("abdomen", "thorax")
    assert made.get("kidney_left", "region") == ("abdomen",)
    assert made.get("kidney_left", "residual") is False
    assert made.get("body", "side") is None
    assert made.get("body", "side", "x") == "x"
    assert dict(made.structures["kidney_left"].own) == {"side": "left", "mirror": "kidney_right"}


@pytest.mark.parametrize(("name", "attribute"), [("livr", "side"), ("liver", "sid")])
def test_what_does_not_exist_is_a_key_error(made, name, attribute):
    with pytest.raises(KeyError):
        made.get(name, attribute)


def test_mirror(made):
    assert made.mirror("kidney_left") == "kidney_right"
    assert made.mirror("liver") is None


@pytest.mark.parametrize(
    ("name", "edges", "expected"),
    [
        ("tip", ("is_a", "part_of"), ("cortex", "kidney", "bone", "body", "system")),
        ("tip", ("is_a",), ()),
        ("kidney_left", ("is_a", "part_of"), ("kidney", "body")),
        ("odd_bone", ("is_a",), ("bone",)),
        ("body", ("is_a", "part_of"), ()),
    ],
)
def test_ancestors(made, name, edges, expected):
    assert made.ancestors(name, edges) == expected


def test_descendants_children_parts(made):
    assert made.descendants("kidney") == ("kidney_left", "kidney_right", "cortex", "tip")
    assert made.descendants("kidney", ("is_a",)) == ("kidney_left", "kidney_right")
    assert made.descendants("system", ("part_of",)) == ("bone", "cortex", "tip")
    assert made.children("kidney") == ("kidney_left", "kidney_right", "cortex")
    assert made.parents("cortex") == ("kidney", "bone")
    # A kind of a part is a part, a part of a kind too; a kind of the whole is none.
    assert made.parts("system") == ("bone", "cortex", "tip", "odd_bone")
    assert made.parts("kidney") == ("cortex", "tip")


def closure(pairs):
    """Give everything above, by adding the ancestors of ancestors until nothing is new."""
    above = {name: set() for pair in pairs for name in pair}
    for child, parent in pairs:
        above[child].add(parent)
    grew = True
    while grew:
        more = {name: {a for up in ups for a in above[up]} for name, ups in above.items()}
        grew = any(more[name] - above[name] for name in above)
        above = {name: above[name] | more[name] for name in above}
    return above


@pytest.mark.parametrize("kinds", [("is_a",), ("part_of",), ("is_a", "part_of")])
def test_the_packaged_graph_answers_as_its_files_say(kinds):
    ontology = load_ontology()
    written = {}
    for path in sorted((packaged_root() / "structures").glob("*.yaml")):
        written |= load_document(path).data["structures"]
    assert list(ontology.structures) == list(written)
    parents = {
        name: [p for k in kinds for p in ([e[k]] if isinstance(e.get(k), str) else e.get(k, []))]
        for name, e in written.items()
    }
    above = closure({(name, parent) for name, up in parents.items() for parent in up})
    order = list(written)
    for name, up in parents.items():
        everything = above.get(name, set())
        assert ontology.parents(name, kinds) == tuple(dict.fromkeys(up))
        assert set(ontology.ancestors(name, kinds)) == everything
        assert name not in everything
        below = [n for n in order if name in above.get(n, ())]
        assert ontology.descendants(name, kinds) == tuple(below)
        assert ontology.children(name, kinds) == tuple(n for n in order if name in parents[n])


def test_pickles(made):
    made.resolve("liver")
    again = pickle.loads(pickle.dumps(made))
    assert again.structures == made.structures
    assert select("below:kidney", again) == select("below:kidney", made)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("kidney_right", ("kidney_right",)),
        ("right kidney", ("kidney_right",)),
        ("Kidney, Right", ("kidney_right",)),
        ("kidney (R)", ("kidney_right",)),
        ("KIDNEYS-RECHTS", ("kidney_right",)),
        ("r_kidney", ("kidney_right",)),
        ("l.kidney", ("kidney_left",)),
        ("kidney", ("kidney",)),
        ("hepar", ("liver",)),
        ("Livers", ("liver",)),
        ("kidney left right", ()),
        ("left", ()),
        ("", ()),
        ("spleen", ()),
    ],
)
def test_resolve(base, word, expected):
    assert base.resolve(word) == expected


def test_resolve_several(read):
    ontology, _ = read("  kidneys: {title: Kidneys, part_of: body, abstract: true}\n")
    assert ontology.resolve("Kidney") == ("kidney", "kidneys")
    assert ontology.resolve("kidneys") == ("kidneys",)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("vertebrae_L05", ("vertebra", "l", "5")),
        ("Vertebra L5", ("vertebra", "l", "5")),
        ("L5", ("l", "5")),
        ("pelvis", ("pelvis",)),
        ("processus", ("processus",)),
        ("glass", ("glass",)),
        ("arteries", ("artery",)),
        ("Öhre", ("öhre",)),
    ],
)
def test_normalise(text, key):
    assert normalise(text, {}) == key


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=20))
def test_normalising_any_text_twice_changes_nothing_more(text):
    key = normalise(text.upper(), {"x": "left"})
    assert all(part == part.casefold() for part in key)


def test_sequences(read):
    sequences = """\
schema: sequences/1
sequences:
  s:
    direction: inferior
    members: [kidney, liver]
    variants: [{name: body, after: kidney}, {name: kidney_left, after: body}]
  t: {direction: right, members: [kidney_left, kidney_right]}
"""
    ontology, problems = read(**{"sequences.yaml": sequences})
    assert problems == []
    s, t = ontology.sequences["s"], ontology.sequences["t"]
    assert (s.members, s.variants) == (("kidney", "liver"), ("body", "kidney_left"))
    assert s.full() == ("kidney", "body", "kidney_left", "liver")
    assert (s.direction, t.direction) == ((0.0, 0.0, -1.0), (1.0, 0.0, 0.0))


def test_load_raises_everything(tmp_path, write):
    folder = write(tmp_path, **{
        "sequences.yaml": None,
        "structures/b.yaml": "schema: structures/1\nstructures:\n  a: {title: A, is_a: x}\n",
        "structures/c.yaml": "a: b: c\n",
    })  # fmt: skip
    with pytest.raises(DiagnosticError) as caught:
        load_folder(folder)
    assert [d.code for d in caught.value.diagnostics] == ["YML001", "ONT004", "YML004"]


def test_a_folder_without_declarations(tmp_path):
    ontology, problems = read_ontology(tmp_path)
    assert ontology is None
    assert [(d.code, d.path) for d in problems] == [("YML004", str(tmp_path / "attributes.yaml"))]


def test_packaged_is_sound():
    ontology, problems = read_ontology(packaged_root())
    assert problems == []
    assert len(ontology.structures) > 300
    assert load_ontology() is load_ontology()


def test_packaged_names_are_found_by_their_titles():
    ontology = load_ontology()
    for structure in ontology.structures.values():
        assert structure.name in ontology.resolve(structure.title)
        for alias in structure.aliases:
            assert structure.name in ontology.resolve(alias)


def test_library_paths():
    root = packaged_root()
    assert (root / "attributes.yaml").is_file()
    for name, path in library.scheme_paths().items():
        assert path == root / "schemes" / f"{name}.yaml"
        assert path.is_file()


def test_scheme_by_name_and_path(tmp_path):
    ontology = load_ontology()
    name, path = next(iter(library.scheme_paths().items()))
    assert library.load_scheme(name, ontology).name == name
    assert library.load_scheme(path, ontology).name == name
    assert library.load_scheme(str(path), ontology).name == name


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("amos2", "SCH001", "did you mean `amos22`?"),
        ("qqqqqq", "SCH001", "`vesalius ls schemes` lists them; or give a path"),
        ("no/such", "YML004", "the folder `no` does not exist either"),
        ("such.yaml", "YML004", None),
    ],
)
def test_unknown_scheme(asked, code, words):
    with pytest.raises(DiagnosticError) as caught:
        library.load_scheme(asked, load_ontology())
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.help) == (code, words)
    assert code != "SCH001" or problem.message == f"no scheme is called `{asked}`"


# JSON Schemas accept what the loader accepts and refuse what it refuses.


def accepts(schema, data):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(data)


@pytest.fixture(scope="module")
def schema():
    return structures_json_schema(load_ontology().attributes)


def test_schemas_accept_the_packaged_files(schema):
    root = packaged_root()
    assert accepts(json_schema("attributes"), load_document(root / "attributes.yaml").data)
    assert accepts(json_schema("sequences"), load_document(root / "sequences.yaml").data)
    for path in sorted((root / "structures").glob("*.yaml")):
        assert accepts(schema, load_document(path).data), path


@pytest.mark.parametrize(
    ("entry", "fine"),
    [
        ({"title": "A", "side": "left", "region": "head", "volume_ml": [1, 2.5]}, True),
        ({"title": "A", "region": ["head", "neck"], "color": [1, 2, 3]}, True),
        ({"title": "A", "side": "lft"}, False),
        ({"title": "A", "sidee": "left"}, False),
        ({"title": "A", "volume_ml": [1]}, False),
        ({"title": "A", "color": [1, 2, 256]}, False),
        ({"title": "A", "codes": {"sct": {"code": "1", "match": "exact"}}}, True),
        ({"title": "A", "codes": {"sct": {"code": 1, "match": "exact"}}}, False),
        ({"title": "A", "codes": {"snomed": {"code": "1", "match": "exact"}}}, False),
        ({"side": "left"}, False),
    ],
)
def test_structures_schema(schema, entry, fine):
    assert accepts(schema, {"schema": "structures/1", "structures": {"a": entry}}) == fine
