from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from sam.core import preparation


class PortalConfig(AppConfig):
    name = "sam.portal"
    label = "portal"
    verbose_name = "Client wall"

    def ready(self) -> None:
        from sam.portal import grants  # noqa: PLC0415 - apps are not ready before

        preparation.register(preparation.Step("client wall", 10, grants.prepare))
        post_migrate.connect(grant_again, sender=self, dispatch_uid="portal-grants")


def grant_again(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Each migrated database gets its grants, test databases too: roles are cluster-wide, grants are not."""
    from sam.portal import grants  # noqa: PLC0415 - models load while apps get ready

    if using == "default":
        grants.prepare(using)
