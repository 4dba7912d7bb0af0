"""Many small saves as the few sittings in which somebody wrote."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SAME_SITTING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Version:
    """One stored text: its revision, who wrote it and when (an instant), and what they did in words."""

    revision: int
    text: str
    person: str
    verb: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sitting:
    """Consecutive versions of one person doing one thing: the text before, and the last version."""

    before: str
    last: Version
    saves: int


def sittings(versions: Iterable[Version], pause: timedelta = SAME_SITTING) -> list[Sitting]:
    """Versions, oldest first, put together where the same person went on within `pause`; the newest sitting first.

    The first version is where the history begins and no sitting of its own.
    """
    found: list[Sitting] = []
    previous: Version | None = None
    for version in versions:
        if previous is not None:
            _add(found, previous, version, pause)
        previous = version
    return found[::-1]


def _add(found: list[Sitting], previous: Version, version: Version, pause: timedelta) -> None:
    last = found[-1] if found else None
    if last and last.last is previous and _same_sitting(previous, version, pause):
        found[-1] = Sitting(last.before, version, last.saves + 1)
    else:
        found.append(Sitting(previous.text, version, 1))


def _same_sitting(one: Version, other: Version, pause: timedelta) -> bool:
    return (one.person, one.verb) == (other.person, other.verb) and other.at - one.at <= pause
