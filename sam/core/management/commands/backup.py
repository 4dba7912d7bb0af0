from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sam.core.backup import backup
from sam.core.errors import ActionRefused


class Command(BaseCommand):
    help = "Write database and files with checksums into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            manifest = backup(file.absolute())
        except ActionRefused as problem:
            raise CommandError(problem.message) from problem
        self.stdout.write(f"{file}: {len(manifest['parts'])} parts, {file.stat().st_size:,} bytes")
