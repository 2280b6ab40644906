"""Planted mistakes in the text of a module, each with the tests that must catch it."""

from __future__ import annotations

from typing import NamedTuple


class Planted(NamedTuple):
    """A mistake: in which module, what text becomes what, and the tests that catch it."""

    name: str
    module: str
    old: str
    new: str
    caught_by: tuple[str, ...]


LIMITS = "tests/engine_rules/test_limits.py"
COUNTED = "tests/engine_rules_measures/test_counted.py"
SHARES = "::test_nine_tenths_of_a_"
LINK = "tests/compile/test_link.py"
PLACES = f"{LINK}::test_mirrored_children_are_both_direct_kinds_and_both_listed"
ONE_SIDE = f"{LINK}::test_an_unsided_structure_is_not_divided_where_the_target_lists_one_side"

PLANTED = (
    Planted(
        "a piece at the border's limit is at fault",
        "vesalius.engine.kinds.pieces",
        "plane_spacing_mm(grid)) <= within",
        "plane_spacing_mm(grid)) < within",
        (f"{LIMITS}::test_a_piece_just_as_near_to_the_border_is_spared",),
    ),
    Planted(
        "a tie of swapped and straight pairs proves a swap",
        "vesalius.engine.kinds.on_own_side",
        "if swapped < straight:",
        "if swapped <= straight:",
        (f"{LIMITS}::test_as_many_swapped_pairs_as_straight_ones_prove_nothing",),
    ),
    Planted(
        "a tie of swapped and right pairs proves an image",
        "vesalius.engine.kinds.on_own_side",
        "mains.count((1, 1)) > swapped",
        "mains.count((1, 1)) >= swapped",
        (f"{LIMITS}::test_as_many_right_pairs_as_swapped_ones_prove_no_image",),
    ),
    Planted(
        "of equal halves the negative side has the component",
        "vesalius.engine.merge.divide",
        "2 * on_positive >= total",
        "2 * on_positive > total",
        (
            f"{LIMITS}::test_of_equal_halves_the_positive_side_has_the_component",
            "tests/engine_merge/test_divide.py::test_equal_halves_go_to_the_positive_side",
        ),
    ),
    Planted(
        "whole share 0.8 in the merge",
        "vesalius.engine.plan.plan",
        "whole_share: float = 0.9",
        "whole_share: float = 0.8",
        (f"{LIMITS}{SHARES}component_are_all_of_it_where_a_plan_says_nothing",),
    ),
    Planted(
        "whole share 0.8 of own sides",
        "vesalius.engine.kinds.on_own_side",
        "whole_share: Share = 0.9",
        "whole_share: Share = 0.8",
        (f"{LIMITS}{SHARES}component_are_all_of_it_where_a_step_says_nothing",),
    ),
    Planted(
        "whole share 0.8 of repairs by side",
        "vesalius.engine.kinds.into_sides",
        "whole_share: Share = 0.9",
        "whole_share: Share = 0.8",
        (f"{LIMITS}{SHARES}part_are_all_of_it_where_a_repair_says_nothing",),
    ),
    Planted(
        "whole share 0.8 in a rule",
        "vesalius.rules.kinds.on_own_side",
        'default("whole_share")',
        "0.8",
        ("tests/mutants/test_mutants.py::test_every_test_of_the_pack_passes",),
    ),
    Planted(
        "whole share 0.8 of counted labels",
        "vesalius.engine.kinds.counted",
        "whole_share: Share = 0.9",
        "whole_share: Share = 0.8",
        (f"{COUNTED}::test_a_bar_is_a_whole_label_from_nine_tenths_on",),
    ),
    Planted(
        "outlier factor 4",
        "vesalius.engine.plan.plan",
        "outlier_factor: float = 3.0",
        "outlier_factor: float = 4.0",
        (
            "tests/engine_merge/test_anchors.py"
            "::test_a_point_beyond_three_median_distances_is_left_out",
        ),
    ),
    Planted(
        "the lowest priority of a line counts",
        "vesalius.rules.compile.painting_order",
        "priority=max(",
        "priority=min(",
        ("tests/compile/test_schedule.py::test_a_part_is_painted_as_late_as_its_whole",),
    ),
    Planted(
        "one mirrored child is listed",
        "vesalius.rules.compile.link_schemes",
        "and child in integers\n            and other in integers",
        "and (child in integers\n            or other in integers)",
        (PLACES, ONE_SIDE),
    ),
    Planted(
        "one mirrored child is a direct kind",
        "vesalius.rules.compile.link_schemes",
        "and name in ontology.structures[child].is_a\n"
        "            and name in ontology.structures[other].is_a",
        "and (name in ontology.structures[child].is_a\n"
        "            or name in ontology.structures[other].is_a)",
        (PLACES,),
    ),
    Planted(
        "a mirrored child is listed or a direct kind",
        "vesalius.rules.compile.link_schemes",
        "is_a\n            and child in integers",
        "is_a\n            or child in integers",
        (PLACES, ONE_SIDE),
    ),
)
