from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api.accounts import AccountViews
from accounts.api.contacts import ContactViews
from accounts.api.financials import ConcentrationView, FigureViews
from accounts.api.imports import ImportViews
from accounts.api.numbers import ActivityRateViews, ExchangeRateViews, VolumeViews
from accounts.api.price_requests import PriceRequestViews
from accounts.api.targets import ForecastViews, TargetViews
from accounts.api.team import SeatViews, TermViews
from accounts.api.tools import PriceChangeView
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
router.register("price-requests", PriceRequestViews, "api-price-requests")
router.register("targets", TargetViews, "api-targets")
router.register("forecasts", ForecastViews, "api-forecasts")
router.register("imports", ImportViews, "api-imports")

DETAIL = {"detail": True}
PRICE = "price-requests/<int:pk>"
urlpatterns = [
    path(
        f"{PRICE}/answer/",
        PriceRequestViews.as_view({"post": "answer_request"}, **DETAIL),
        name="api-price-request-answer",
    ),
    path(f"{PRICE}/sign/", PriceRequestViews.as_view({"post": "sign"}, **DETAIL), name="api-price-request-sign"),
    path(
        f"{PRICE}/approve/", PriceRequestViews.as_view({"post": "approve"}, **DETAIL), name="api-price-request-approve"
    ),
    path("tools/price-change/", PriceChangeView.as_view({"post": "compute"}), name="api-price-change"),
    path("portfolio/concentration/", ConcentrationView.as_view(), name="api-concentration"),
    *router.urls,
]
