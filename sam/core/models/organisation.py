from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from sam.core.audit import person_id, tracked
from sam.core.confidentiality import classes


class OrganisationManager(models.Manager["Organisation"]):
    def current(self) -> Organisation:
        """The one row; a fresh installation gets its defaults unsaved."""
        return self.first() or Organisation(pk=1)

    def shown(self) -> Organisation:
        """The same for reading only: within one request it is fetched once."""
        return self.frame(person_id.get()).organisation

    def frame(self, person: int | None) -> Frame:
        """What the frame of every page shows; one query, and within one request one for all that ask."""
        kept = _frames.get()
        if kept is None:
            return self._frame(person)
        if person not in kept:
            kept[person] = self._frame(person)
        return kept[person]

    def _frame(self, person: int | None) -> Frame:
        found: Any = next(iter(self.raw(FRAME, [person])))
        return Frame(found if found.pk else Organisation(pk=1), found.unread)


# An organisation without a row still has people with a bell.
FRAME = """
    SELECT o.*, bell.unread
    FROM (SELECT count(*) AS unread FROM core_notification WHERE user_id = %s AND read_at IS NULL) bell
    LEFT JOIN core_organisation o ON true ORDER BY o.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """The organisation, and how many notifications wait for the person who asks (0 for nobody)."""

    organisation: Organisation
    unread: int


# By person while a request is answered (empty until somebody asks), None outside of requests.
_frames: ContextVar[dict[int | None, Frame] | None] = ContextVar("frames", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Until the end, `Organisation.objects.shown()` asks the database once."""
    token = _frames.set({})
    try:
        yield
    finally:
        _frames.reset(token)


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
