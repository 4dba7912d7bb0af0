from django.apps import AppConfig

from sam.core import navigation
from sam.core.authorization.permissions import Permission


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
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
