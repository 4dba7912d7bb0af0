from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from sam.core.audit import tracked
from sam.core.authorization.roles import ROLE_CHOICES, ROLES, Role
from sam.core.confidentiality import classes


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Choose a time zone from the list, for example Europe/Berlin.")


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        return self.get_queryset().active()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


@tracked(exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """A person of ours who signs in. Seats on accounts are held per account, not here."""

    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    role_key = models.CharField("role", max_length=40, choices=ROLE_CHOICES, default="team_member")
    line_manager = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    time_zone = models.CharField(max_length=64, default="Europe/Berlin", validators=[known_time_zone])
    locale = models.CharField("language", max_length=8, default="en", choices=[("en", "English"), ("de", "Deutsch")])
    theme = models.CharField(
        max_length=8, default="system", choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")]
    )
    shortcuts = models.BooleanField("keyboard shortcuts", default=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects: ClassVar[UserManager] = UserManager()

    confidentiality = classes(
        client="display_name",
        internal="email job_title role_key line_manager time_zone locale theme shortcuts is_active is_demo date_joined"
        " revision last_login",
        secret="password",  # noqa: S106
    )

    class Meta:
        ordering = ["display_name", "pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_email"),
            models.CheckConstraint(condition=models.Q(role_key__in=list(ROLES)), name="user_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def role(self) -> Role:
        return ROLES[self.role_key]

    @property
    def initials(self) -> str:
        words = self.display_name.replace(".", " ").split() or [self.email]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
