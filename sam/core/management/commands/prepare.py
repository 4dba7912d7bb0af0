"""Brings the database into the state the product expects; to be run after every migrate, as often as you like."""

from typing import Any

from django.core.management.base import BaseCommand

from sam.core import preparation


class Command(BaseCommand):
    help = "Grants of the client wall, default templates and whatever else must be there after a migrate."

    def handle(self, **options: Any) -> None:
        for step in preparation.steps():
            self.stdout.write(f"{step.key}: {step.run()}")
