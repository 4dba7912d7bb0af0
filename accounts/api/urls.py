from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api.financials import ConcentrationView, FigureViews
from accounts.api.imports import ImportViews

router = SimpleRouter()
router.register("financials", FigureViews, "api-financials")
router.register("imports", ImportViews, "api-imports")

urlpatterns = [
    path("portfolio/concentration/", ConcentrationView.as_view(), name="api-concentration"),
    *router.urls,
]
