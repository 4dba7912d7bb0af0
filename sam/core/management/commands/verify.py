from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sam.core import verification
from sam.values.cases import Line, Value

PLACES = 6


class Command(BaseCommand):
    help = (
        "Recompute published cases on this installation: expected, found, tolerance, source; status 1 when one differs."
    )

    def handle(self, **options: Any) -> None:
        wrong = values = 0
        checked = verification.checked()
        for case, lines in checked:
            self.stdout.write(f"{case.title}\n  source: {case.source}")
            for line in lines:
                values += 1
                wrong += not line.agrees
                self.stdout.write(f"  {_row(line)}")
        said = f"{len(checked)} cases, {values} values"
        if wrong:
            raise CommandError(f"{said}: {wrong} differ from what was published.")
        self.stdout.write(f"{said}: all agree.")


def _row(line: Line) -> str:
    verdict = "ok     " if line.agrees else "DIFFERS"
    exact = isinstance(line.expected, str) or not line.case.tolerance
    tolerance = "exact" if exact else f"±{line.case.tolerance.normalize():f}"
    return f"{verdict} {line.name}: expected {_shown(line.expected)}, found {_shown(line.found)}, {tolerance}"


def _shown(value: Value) -> str:
    """Numbers with at most six decimals, without trailing zeros."""
    return value if isinstance(value, str) else f"{round(value, PLACES).normalize():f}"
