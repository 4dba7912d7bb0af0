from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from reviews.domain.survey import Item, read_items
from sam.core.audit import tracked
from sam.core.confidentiality import classes


class SurveyTemplateQuerySet(models.QuerySet["SurveyTemplate"]):
    def live(self) -> SurveyTemplateQuerySet:
        """The versions that new surveys may use."""
        return self.filter(state=SurveyTemplate.State.LIVE)


@tracked()
class SurveyTemplate(models.Model):
    """The questions of a survey, as one version. A change makes the next version; old surveys keep theirs."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "In use"
        RETIRED = "retired", "Retired"

    key = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    # By language: {"en": …, "de": …}; English is always there.
    title = models.JSONField()
    # [{"key", "kind": nps|driver|open, "text": {language: …}, "label": {language: …}}]
    items = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[SurveyTemplate]] = models.Manager.from_queryset(SurveyTemplateQuerySet)()

    confidentiality = classes(client="title items", internal="key version state created_at")

    class Meta:
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="one_template_per_key_and_version"),
            models.UniqueConstraint(fields=["key"], condition=Q(state="live"), name="one_live_template_per_key"),
            models.CheckConstraint(condition=Q(state__in=["draft", "live", "retired"]), name="template_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.title_in('en')} (version {self.version})"

    def title_in(self, language: str) -> str:
        return str(self.title.get(language) or self.title.get("en", self.key))

    @property
    def questions(self) -> tuple[Item, ...]:
        return read_items(self.items)
