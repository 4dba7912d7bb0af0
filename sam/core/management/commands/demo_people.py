from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from sam.core.models import User

DEMO_PASSWORD = "demo"  # noqa: S105 - printed on purpose; demo people cannot sign in on production


class Command(BaseCommand):
    help = "Print who can be tried in the demo, and how to sign in."

    def handle(self, **options: Any) -> None:
        people = User.objects.active().filter(is_demo=True).order_by("pk")
        if not people or not settings.DEMO_PEOPLE_MAY_SIGN_IN:
            return
        self.stdout.write(f"Sign in as one of these, password “{DEMO_PASSWORD}”:")
        for user in people:
            self.stdout.write(f"  {user.email:32} {user.display_name}, {user.role.label.lower()}")
