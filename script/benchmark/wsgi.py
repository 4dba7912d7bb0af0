"""The product and, under /floor/, what it is compared with, in one process on one database.

The floors run behind the middleware that `django-admin startproject` gives, the product behind its own.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sam.settings")

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

PREFIX = "/floor/"
BARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

settings.ROOT_URLCONF = "benchmark.urls"
product = get_wsgi_application()
_own, settings.MIDDLEWARE = settings.MIDDLEWARE, BARE
floors = WSGIHandler()
settings.MIDDLEWARE = _own


def application(environ: dict[str, Any], start_response: Any) -> Any:
    chosen = floors if environ.get("PATH_INFO", "").startswith(PREFIX) else product
    return chosen(environ, start_response)
