from __future__ import annotations

from django.conf import settings
from django.db import models

from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked(exclude=["digest"])
class ApiToken(models.Model):
    """A key to the API in one person's name. Only its keyed hash is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    confidentiality = classes(internal="user name created_at revoked_at", secret="digest")  # noqa: S106

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"
