"""/api/v1/: each app adds its routes to one router, so that the sweep sees them all."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/", include("sam.core.api_urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("scoring.api.urls")),
    path("api/v1/", include("planning.api.urls")),
    path("api/v1/", include("reviews.api.urls")),
]
