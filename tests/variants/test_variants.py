"""Real anatomy that must stay: the default pack changes none of it."""

from pathlib import Path

import pytest
from scipy import ndimage

from variants.body import SPACING_MM, Body
from variants.drawn import drawn_into
from variants.table import SCHEMES, rows, written

README = Path(__file__).parent / "README.md"


@pytest.fixture(scope="module")
def bodies():
    """Each scheme's phantom with all variants, where they are, and what became of them."""
    made = {scheme: Body(scheme) for scheme in SCHEMES}
    drawn = {scheme: drawn_into(body) for scheme, body in made.items()}
    return {s: (made[s], drawn[s], rows(made[s], drawn[s])) for s in SCHEMES}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_variant_is_changed(bodies, scheme):
    _, _, found = bodies[scheme]
    assert [row for row in found if row.changed] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_variant_lies_apart_or_is_a_hole(bodies, scheme):
    body, drawn, _ = bodies[scheme]
    for name, (mask, integer) in drawn.items():
        own = body.array == integer
        assert mask.any(), name
        assert own[mask].all(), name
        if integer:
            number, _ = ndimage.label(own, ndimage.generate_binary_structure(3, 3))
            assert not set(number[mask]) & set(number[own & ~mask]), name
        else:
            assert body.away_mm(~mask).max() >= SPACING_MM, name


def test_the_table_of_the_readme_is_what_is_seen(bodies):
    table = written([row for _, _, found in bodies.values() for row in found])
    assert table in README.read_text(encoding="utf-8"), table


def test_largest_pieces_alone_would_take_much_of_it_away(bodies):
    body, drawn, _ = bodies["dap_atlas"]
    lost = [row.name for row in rows(body, drawn, "dap_atlas") if row.verdict == "deleted"]
    assert "accessory spleen near the hilum" in lost
    assert "pole of a resected kidney" in lost
    assert len(lost) > 10
