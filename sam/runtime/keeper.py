"""Keeping children alive: who ends without being asked is started again, later each time."""

import time
from collections.abc import Callable, Iterable

from sam.runtime.processes import Child

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
STEADY = 60.0  # seconds of running after which earlier crashes are forgotten


class Keeper:
    """Watches children. `say` gets a line for every crash."""

    def __init__(
        self, children: Iterable[Child], *, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ):
        self._say = say
        self._clock = clock
        self._started = {child: clock() for child in children}
        self._wait = dict.fromkeys(self._started, FIRST_WAIT)
        self._due: dict[Child, float] = {}
        self.crashes = 0

    def look(self) -> None:
        """Notice ended children and start again those whose waiting time is over. Call it often."""
        now = self._clock()
        for child in self._started:
            if child in self._due:
                if now >= self._due[child]:
                    del self._due[child]
                    child.start()
                    self._started[child] = now
            elif not child.running():
                self._note_crash(child, now)

    def _note_crash(self, child: Child, now: float) -> None:
        self.crashes += 1
        if now - self._started[child] >= STEADY:
            self._wait[child] = FIRST_WAIT
        wait = self._wait[child]
        self._wait[child] = min(wait * 2, LONGEST_WAIT)
        self._due[child] = now + wait
        self._say(
            f"{child.plan.name} ended ({ending(child.exit_code())}); starting it again in {wait:.0f} s. Its last lines:"
        )
        for line in child.last_lines(10):
            self._say(f"  {line}")
        # Its workers must not go on beside those of its successor.
        child.forget()


def ending(code: int | None) -> str:
    return f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
