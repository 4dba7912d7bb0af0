from django.apps import AppConfig

from sam.core import navigation
from sam.core.authorization.permissions import Permission


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import registry  # noqa: PLC0415 - models are not ready before

        registry.register()
        navigation.register(
            navigation.Entry(
                "Accounts",
                "accounts:account-list",
                "building-skyscraper",
                Permission.ACCOUNT_VIEW,
                order=20,
                prefix="/accounts/",
                on_phone=True,
                on_seats=True,
            )
        )
