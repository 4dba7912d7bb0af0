"""Ctrl-C and SIGTERM as something a waiting loop notices at once, without threads."""

import os
import select
import signal
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody asked us to stop while we were still starting."""


class StopSignals:
    """Counts requests to stop; `wait` returns early when a signal or the end of a child arrives."""

    def __init__(self) -> None:
        self.count = 0
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def install(self) -> None:
        for number in STOP_SIGNALS:
            # nohup ignores SIGHUP on purpose: keep it so.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)
        signal.signal(signal.SIGCHLD, _nothing)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def asked(self) -> bool:
        return self.count > 0

    def wait(self, seconds: float) -> None:
        """Sleep up to `seconds`, less when a signal arrives."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)

    def pause(self, seconds: float) -> None:
        """Like `wait`, for the starting phase: raises StopRequested once somebody asked to stop."""
        self.wait(seconds)
        if self.asked():
            raise StopRequested

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


def _nothing(number: int, frame: FrameType | None) -> None:
    """A handler must exist for the end of a child to wake us up."""
