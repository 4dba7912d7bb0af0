"""Reading along in the children's logs: what looks like trouble is repeated at the terminal."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

TROUBLE = re.compile(r"\b(ERROR|CRITICAL|FATAL|PANIC)\b")
# The application handles a refused statement itself; only the server's own trouble is news.
SERVER_TROUBLE = re.compile(r"\b(FATAL|PANIC)\b|# (WARNING|Error)")
# The supervisor asks this page itself, until the last part is ready.
EXPECTED = "/readyz"
LONGEST_LINE = 300
LINES_AT_ONCE = 5
KEEP_BYTES = 20 * 1024 * 1024


class LogWatch:
    """One log file, read from where it ended when the watch began."""

    def __init__(self, path: Path, trouble: re.Pattern[str] = TROUBLE) -> None:
        self._path = path
        self._trouble = trouble
        self._position = path.stat().st_size if path.exists() else 0

    def news(self) -> list[str]:
        """Lines that look like trouble since the last call; at most five, then how many more."""
        lines = (line for line in self._new_lines() if EXPECTED not in line)
        found = [line[:LONGEST_LINE] for line in lines if self._trouble.search(line)]
        rest = len(found) - LINES_AT_ONCE
        return found if rest <= 0 else [*found[:LINES_AT_ONCE], f"… and {rest} more lines in {self._path}"]

    def _new_lines(self) -> Iterator[str]:
        if not self._path.exists():
            return
        size = self._path.stat().st_size
        if size < self._position:
            self._position = 0
        if size == self._position:
            return
        with self._path.open("rb") as log:
            log.seek(self._position)
            text = log.read(1024 * 1024)
        # A line that is still being written waits for its end.
        whole = text.rfind(b"\n") + 1 or (len(text) if len(text) == 1024 * 1024 else 0)
        self._position += whole
        yield from text[:whole].decode(errors="replace").splitlines()


def shorten(logs: Iterable[Path], limit: int = KEEP_BYTES) -> None:
    """Move what is in a long log to NAME.log.1 and empty it in place: its writer appends and needs no signal."""
    for path in logs:
        if path.exists() and path.stat().st_size > limit:
            path.with_name(f"{path.name}.1").write_bytes(path.read_bytes())
            with path.open("r+b") as log:
                log.truncate(0)
