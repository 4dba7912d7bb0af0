"""URLs show ownership: /accounts/<id>/… is everything about an account, /api/v1/ the API, /s/ the client wall."""

from django.urls import include, path

handler400 = "sam.core.views.errors.bad_request"
handler403 = "sam.core.views.errors.forbidden"
handler404 = "sam.core.views.errors.not_found"
handler500 = "sam.core.views.errors.server_error"

urlpatterns = [
    path("", include("sam.core.urls")),
    path("auth/", include("allauth.urls")),
    path("s/", include("sam.portal.urls")),
    path("", include("accounts.urls")),
    path("", include("scoring.urls")),
    path("", include("planning.urls")),
    path("", include("reviews.urls")),
    path("", include("sam.api_urls")),
]
