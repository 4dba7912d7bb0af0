"""The product's addresses, and the floors."""

from django.urls import include, path

from benchmark import floor_views

handler400 = "sam.core.views.errors.bad_request"
handler403 = "sam.core.views.errors.forbidden"
handler404 = "sam.core.views.errors.not_found"
handler500 = "sam.core.views.errors.server_error"

urlpatterns = [
    path("floor/page/", floor_views.page),
    path("floor/export.csv", floor_views.export),
    # The same page behind the product's own middleware: shows what that costs.
    path("bench/page/", floor_views.page),
    path("", include("sam.urls")),
]
