from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "What every release needs after its migrations. Running it again changes nothing."

    def handle(self, **options: Any) -> None:
        pass
