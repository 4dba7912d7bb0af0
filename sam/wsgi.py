"""The web process: `gunicorn sam.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sam.settings")

application = get_wsgi_application()
