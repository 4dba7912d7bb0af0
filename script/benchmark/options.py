"""What to measure, at which sizes."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

PARTS = ("pages", "first-visit", "export", "imports", "scores", "pack")
SMALL, LARGE = 10_000, 100_000


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """`sizes`: numbers of accounts, ascending. `parts`: names from PARTS."""

    sizes: tuple[int, ...]
    parts: tuple[str, ...]

    @classmethod
    def read(cls, arguments: Sequence[str]) -> "BenchOptions":
        """Ends the program with a message when the arguments make no sense."""
        parser = argparse.ArgumentParser(prog="script/bench", description="Measure how fast SAM is.")
        parser.add_argument("--quick", action="store_true", help="10,000 accounts only")
        parser.add_argument("--only", default=",".join(PARTS), help=f"parts to measure: {', '.join(PARTS)}")
        found = parser.parse_args(arguments)
        parts = tuple(part.strip() for part in found.only.split(",") if part.strip())
        if unknown := [part for part in parts if part not in PARTS]:
            parser.error(f"there is no part “{unknown[0]}”; choose from {', '.join(PARTS)}")
        return cls((SMALL,) if found.quick else (SMALL, LARGE), parts)
