from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "sam.core"
    label = "core"
    verbose_name = "SAM"
