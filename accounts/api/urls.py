from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api.accounts import AccountViews
from accounts.api.contacts import ContactViews
from accounts.api.financials import ConcentrationView, FigureViews
from accounts.api.imports import ImportViews
from accounts.api.numbers import ActivityRateViews, ExchangeRateViews, VolumeViews
from accounts.api.targets import ForecastViews, TargetViews
from accounts.api.team import SeatViews, TermViews
from accounts.api.touchpoints import TouchpointViews

router = SimpleRouter()
router.register("accounts", AccountViews, "api-accounts")
router.register("contacts", ContactViews, "api-contacts")
router.register("touchpoints", TouchpointViews, "api-touchpoints")
router.register("seats", SeatViews, "api-seats")
router.register("sponsor-terms", TermViews, "api-sponsor-terms")
router.register("financials", FigureViews, "api-financials")
router.register("activity-volumes", VolumeViews, "api-activity-volumes")
router.register("activity-rates", ActivityRateViews, "api-activity-rates")
router.register("exchange-rates", ExchangeRateViews, "api-exchange-rates")
router.register("targets", TargetViews, "api-targets")
router.register("forecasts", ForecastViews, "api-forecasts")
router.register("imports", ImportViews, "api-imports")

urlpatterns = [
    path("portfolio/concentration/", ConcentrationView.as_view(), name="api-concentration"),
    *router.urls,
]
