from django.urls import path

from sam.core.views import health, home

app_name = "core"
urlpatterns = [
    path("", home.my_day, name="my-day"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
