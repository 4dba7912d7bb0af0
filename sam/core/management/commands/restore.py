from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sam.core.backup import restore
from sam.core.errors import ActionRefused


class Command(BaseCommand):
    help = "Bring a backup back into an empty installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="lose what is in the installation now")

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = restore(file, replace=replace)
        except ActionRefused as problem:
            raise CommandError(problem.message) from problem
        # An older backup is brought to today's tables; the client wall gets its rights back.
        call_command("migrate", verbosity=0, interactive=False)
        call_command("prepare", verbosity=0)
        self.stdout.write(f"Restored {len(manifest['parts'])} parts made {manifest['made_at']}.")
