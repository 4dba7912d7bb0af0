from django.apps import AppConfig

from sam.core import navigation
from sam.core.authorization.permissions import Permission


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import registry  # noqa: PLC0415 - models are not ready before
        from accounts.actions.imports import running  # noqa: PLC0415 - models are not ready before

        navigation.register(
            navigation.Entry(
                "Imports",
                "accounts:import-list",
                "upload",
                Permission.FIGURES_EDIT,
                order=80,
                prefix="/imports/",
            )
        )
        navigation.register(
            navigation.Entry(
                "Exchange rates", "accounts:rate-list", "exchange", Permission.RATES_EDIT, order=82, prefix="/rates/"
            )
        )
        navigation.register(
            navigation.Entry(
                "Portfolio",
                "accounts:concentration",
                "chart-pie",
                Permission.PORTFOLIO_FIGURES,
                order=25,
                prefix="/portfolio/",
            )
        )
        registry.register()
        running.register()
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
