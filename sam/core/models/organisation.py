from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from sam.core.audit import tracked
from sam.core.confidentiality import classes


class OrganisationManager(models.Manager["Organisation"]):
    def current(self) -> Organisation:
        """The one row; a fresh installation gets its defaults unsaved."""
        return self.first() or Organisation(pk=1)

    def shown(self) -> Organisation:
        """The same for reading only: within one request it is fetched once."""
        kept = _shown.get()
        if kept is None:
            return self.current()
        if not kept:
            kept.append(self.current())
        return kept[0]


# A list while a request is answered (empty until somebody asks), None outside of requests.
_shown: ContextVar[list[Organisation] | None] = ContextVar("shown_organisation", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Until the end, `Organisation.objects.shown()` asks the database once."""
    token = _shown.set([])
    try:
        yield
    finally:
        _shown.reset(token)


@tracked()
class Organisation(models.Model):
    """The company that runs this installation: one row."""

    name = models.CharField(max_length=120, default="Our company")
    logo = models.CharField(max_length=200, blank=True, editable=False)
    imprint_url = models.URLField("imprint", blank=True)
    privacy_url = models.URLField("privacy notice", blank=True)
    reporting_currency = models.CharField(max_length=3, default="EUR")
    fiscal_year_start = models.PositiveSmallIntegerField(
        "first month of the fiscal year", default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    sender_address = models.EmailField("sender of mails", blank=True)
    closed_after_days = models.PositiveSmallIntegerField("working days until a period counts as closed", default=10)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[OrganisationManager] = OrganisationManager()

    confidentiality = classes(
        client="name logo imprint_url privacy_url sender_address",
        internal="reporting_currency fiscal_year_start closed_after_days revision",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_organisation"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start__range=(1, 12)), name="fiscal_year_starts_in_a_month"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ready_for_clients(self) -> bool:
        """Client links need an imprint and a privacy notice first."""
        return bool(self.imprint_url and self.privacy_url)
