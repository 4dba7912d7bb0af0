from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "sam.portal"
    label = "portal"
    verbose_name = "Client wall"
