from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sam.core.actions.tokens import create_token
from sam.core.models import User


class Command(BaseCommand):
    help = "Print a new API token for a person, and nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="command line")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        user = User.objects.active().filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Nobody active has the address {email}.")
        _, key = create_token(user=user, name=name, by=user)
        self.stdout.write(key)
