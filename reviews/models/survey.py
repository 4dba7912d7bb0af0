from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Contact
from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.confidentiality import classes
from sam.core.models import User
from sam.portal.models import Publication

from .survey_template import SurveyTemplate


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: User, permission: Permission = Permission.SURVEY_VIEW) -> SurveyQuerySet:
        """Surveys of the accounts on which `user` holds `permission`."""
        return self.filter(account__in=Account.objects.visible_to(user, permission))

    def asked(self) -> SurveyQuerySet:
        """Sent, whether still open or closed."""
        return self.exclude(status=Survey.Status.DRAFT)


@tracked()
class Survey(models.Model):
    """One wave of questions to people at one client, in the name of one of us."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="surveys")
    template = models.ForeignKey(SurveyTemplate, on_delete=models.PROTECT, related_name="surveys")
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.DRAFT)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_on = models.DateField(null=True)
    closes_on = models.DateField("answers until")
    review_on = models.DateField("summary shown at the review on", null=True, blank=True)
    named = models.BooleanField("names stand beside answers", default=True)
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Survey]] = models.Manager.from_queryset(SurveyQuerySet)()

    confidentiality = classes(
        client="asked_by closes_on review_on named",
        internal="account template status opened_on publication created_by created_at revision",
    )

    class Meta:
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft") | Q(opened_on__isnull=False), name="sent_survey_says_since_when"
            ),
            models.CheckConstraint(
                condition=Q(opened_on=None) | Q(closes_on__gte=F("opened_on")), name="survey_closes_after_it_opens"
            ),
            models.CheckConstraint(condition=Q(status__in=["draft", "open", "closed"]), name="survey_status_is_known"),
        ]
        indexes = [
            models.Index(fields=["account", "-opened_on"], name="survey_by_account"),
            models.Index(fields=["closes_on"], condition=Q(status="open"), name="survey_open"),
        ]

    def __str__(self) -> str:
        return f"{self.template.title_in('en')} {self.opened_on or '(draft)'}"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def sent(self) -> InvitationQuerySet:
        return self.filter(sent_at__isnull=False)

    def to_remind(self) -> InvitationQuerySet:
        """Asked, not answered, and not told us to stop."""
        return self.sent().filter(
            answered_at=None, opted_out_at=None, survey__status=Survey.Status.OPEN, contact__no_surveys=False
        )


@tracked()
class Invitation(models.Model):
    """One person asked in one survey. Its links are found by the survey's publication and the contact."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="invitations")
    sent_at = models.DateTimeField(null=True)
    # Why a person on the draft was left out when it was sent, in words.
    not_sent_because = models.CharField(max_length=200, blank=True, default="")
    reminded_at = models.DateTimeField("first reminder", null=True)
    reminded_again_at = models.DateTimeField("second reminder", null=True)
    answered_at = models.DateTimeField(null=True)
    opted_out_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Invitation]] = models.Manager.from_queryset(InvitationQuerySet)()

    confidentiality = classes(
        internal="survey contact sent_at not_sent_because reminded_at reminded_again_at answered_at opted_out_at"
    )

    class Meta:
        ordering = ["survey", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "contact"], name="one_invitation_per_person_and_survey")
        ]
        indexes = [models.Index(fields=["contact", "-sent_at"], name="invitation_by_contact")]

    def __str__(self) -> str:
        return f"{self.contact} in survey {self.survey_id}"


@tracked()
class Answer(models.Model):
    """What one invited person answered. Sent again before the close, the last one counts."""

    invitation = models.OneToOneField(Invitation, on_delete=models.CASCADE, related_name="answer")
    values = models.JSONField()
    received_at = models.DateTimeField()
    # The newest submission this row was taken from; an older one that arrives late changes nothing.
    submission_id = models.BigIntegerField(default=0)
    is_low = models.BooleanField("needs a call", default=False)
    followed_up_on = models.DateField(null=True)
    followed_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    follow_up_note = models.CharField("what came of it", max_length=300, blank=True, default="")

    confidentiality = classes(
        internal="invitation values received_at submission_id is_low followed_up_on followed_up_by follow_up_note"
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(is_low=True, followed_up_on=None), name="answer_to_call")
        ]

    def __str__(self) -> str:
        return f"answer to invitation {self.invitation_id}"
