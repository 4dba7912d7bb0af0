"""Parents and subsidiaries: circles found in bulk, order of roll-up, depth, group totals.

``parents`` maps each account's key to its parent's key, or to None at the top. A parent that is no key of the
mapping counts as a top outside of it. All functions are linear in the number of accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Parents: TypeAlias = Mapping[str, str | None]


class CircularParents(ValueError):
    """Accounts that are, over their parents, above themselves."""

    def __init__(self, cycles: Sequence[tuple[str, ...]]) -> None:
        super().__init__("Circular parents: " + "; ".join(" → ".join((*cycle, cycle[0])) for cycle in cycles))
        self.cycles = tuple(cycles)


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """``own``: the account alone, None when unknown. ``group``: with all below it, known amounts only.

    ``unknown``: how many accounts of the group have no amount, so that a partial total says so.
    """

    own: Decimal | None
    group: Decimal
    accounts: int
    unknown: int


def find_cycles(parents: Parents) -> list[tuple[str, ...]]:
    """Every circle once, from its smallest key upwards along the parents; sorted. An own parent is a circle of one."""
    settled: set[str] = set()
    cycles: list[tuple[str, ...]] = []
    for start in parents:
        path: list[str] = []
        position: dict[str, int] = {}
        key: str | None = start
        while key is not None and key in parents and key not in settled and key not in position:
            position[key] = len(path)
            path.append(key)
            key = parents[key]
        if key is not None and key in position:
            circle = path[position[key] :]
            turn = circle.index(min(circle))
            cycles.append(tuple(circle[turn:] + circle[:turn]))
        settled.update(path)
    return sorted(cycles)


def would_circle(parents: Parents, key: str, parent: str | None) -> bool:
    """True when giving ``key`` this parent would put it above itself. The present links are free of circles."""
    seen: set[str] = set()
    while parent is not None and parent not in seen:
        if parent == key:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False


def depths(parents: Parents) -> dict[str, int]:
    """Steps up to the top for every key (top 0); CircularParents when there is a circle."""
    found: dict[str, int] = {}
    for start in parents:
        path: list[str] = []
        on_path: set[str] = set()
        key = start
        while key not in found and key not in on_path:
            path.append(key)
            on_path.add(key)
            parent = parents[key]
            if parent is None or parent not in parents:
                found[key] = 0
            else:
                key = parent
        if key not in found:
            raise CircularParents(find_cycles(parents))
        for below in reversed(path):
            if below not in found:
                above = parents[below]
                found[below] = 0 if above is None else found[above] + 1
    return found


def roll_up_order(parents: Parents) -> list[str]:
    """All keys, every account before its parent; within a level by key. CircularParents when there is a circle."""
    level = depths(parents)
    return sorted(parents, key=lambda key: (-level[key], key))


def group_heads(parents: Parents) -> dict[str, str]:
    """The top account of every key's group (a top is its own head); CircularParents when there is a circle."""
    heads: dict[str, str] = {}
    for key in reversed(roll_up_order(parents)):
        parent = parents[key]
        heads[key] = key if parent is None or parent not in parents else heads[parent]
    return heads


def group_totals(amounts: Mapping[str, Decimal | None], parents: Parents) -> dict[str, GroupTotal]:
    """Own and group amount of every key in ``parents``, in one currency; CircularParents when there is a circle."""
    group: dict[str, Decimal] = {}
    accounts: dict[str, int] = dict.fromkeys(parents, 1)
    unknown: dict[str, int] = {}
    for key in parents:
        own = amounts.get(key)
        group[key] = own if own is not None else Decimal(0)
        unknown[key] = 0 if own is not None else 1
    for key in roll_up_order(parents):
        parent = parents[key]
        if parent is not None and parent in parents:
            group[parent] += group[key]
            accounts[parent] += accounts[key]
            unknown[parent] += unknown[key]
    return {key: GroupTotal(amounts.get(key), group[key], accounts[key], unknown[key]) for key in parents}
