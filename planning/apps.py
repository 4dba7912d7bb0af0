from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self) -> None:
        from planning import registry  # noqa: PLC0415 - models are not ready before

        registry.register()
