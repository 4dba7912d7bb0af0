from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    help = "Fill the installation with the demo company. Running it twice changes nothing."

    def handle(self, **options: Any) -> None:
        today = timezone.localdate()
        for config in apps.get_app_configs():
            if config.module and module_has_submodule(config.module, "demo"):
                import_module(f"{config.name}.demo").build(today)
                self.stdout.write(f"{config.label}: demo data ready")
