from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.hierarchy import (
    CircularParents,
    GroupTotal,
    depths,
    find_cycles,
    group_heads,
    group_totals,
    roll_up_order,
    would_circle,
)

GROUP = {"top": None, "north": "top", "south": "top", "oslo": "north", "alone": None, "stray": "elsewhere"}

links = st.dictionaries(
    st.sampled_from("abcdefgh"), st.one_of(st.none(), st.sampled_from("abcdefghx")), min_size=1, max_size=8
)


def test_every_circle_is_named_once_from_its_smallest_key() -> None:
    parents = {"a": "c", "c": "b", "b": "a", "d": "a", "self": "self", "ok": None}
    assert find_cycles(parents) == [("a", "c", "b"), ("self",)]
    with pytest.raises(CircularParents, match="a → c → b → a"):
        depths(parents)


def test_depths_and_heads_follow_the_parents() -> None:
    assert depths(GROUP) == {"top": 0, "north": 1, "south": 1, "oslo": 2, "alone": 0, "stray": 0}
    assert group_heads(GROUP)["oslo"] == "top"
    assert group_heads(GROUP)["stray"] == "stray"


def test_roll_up_reaches_children_before_parents() -> None:
    order = roll_up_order(GROUP)
    assert order.index("oslo") < order.index("north") < order.index("top")


def test_group_total_counts_what_is_unknown() -> None:
    amounts = {"top": Decimal(1), "north": None, "south": Decimal("2.5"), "oslo": Decimal(4)}
    found = group_totals(amounts, GROUP)
    assert found["top"] == GroupTotal(Decimal(1), Decimal("7.5"), 4, 1)
    assert found["north"] == GroupTotal(None, Decimal(4), 2, 1)
    assert found["alone"] == GroupTotal(None, Decimal(0), 1, 1)


def test_new_parent_below_itself_is_a_circle() -> None:
    assert would_circle(GROUP, "top", "oslo")
    assert would_circle(GROUP, "top", "top")
    assert not would_circle(GROUP, "alone", "oslo")
    assert not would_circle(GROUP, "alone", None)


def test_deep_chain_needs_no_recursion() -> None:
    chain = {str(number): str(number + 1) if number < 50_000 else None for number in range(50_001)}
    assert depths(chain)["0"] == 50_000
    chain["50000"] = "0"
    assert len(find_cycles(chain)[0]) == 50_001


@settings(max_examples=80)
@given(links)
def test_circles_are_exactly_the_keys_that_reach_themselves(parents: dict[str, str | None]) -> None:
    def reaches_itself(key: str) -> bool:
        above = parents[key]
        for _ in parents:
            if above == key:
                return True
            above = parents.get(above) if above is not None else None
        return False

    circular = {key for cycle in find_cycles(parents) for key in cycle}
    assert circular == {key for key in parents if reaches_itself(key)}
    if circular:
        with pytest.raises(CircularParents):
            roll_up_order(parents)
    else:
        totals = group_totals(dict.fromkeys(parents, Decimal(1)), parents)
        heads = set(group_heads(parents).values())
        assert sum(totals[head].accounts for head in heads) == len(parents)
