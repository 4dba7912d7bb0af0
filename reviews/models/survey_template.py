from __future__ import annotations

from typing import ClassVar

from django.db import models

from reviews.domain.survey import Item, read_items
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .template_version import PUBLISHED_STAYS, TemplateVersion, state_rules


class SurveyTemplateQuerySet(models.QuerySet["SurveyTemplate"]):
    def live(self) -> SurveyTemplateQuerySet:
        """The versions that new surveys may use."""
        return self.filter(state=SurveyTemplate.State.LIVE)


@tracked()
class SurveyTemplate(TemplateVersion):
    """The questions of a survey, as one version. A change makes the next version; old surveys keep theirs."""

    key = models.SlugField(max_length=40)
    # By language: {"en": …, "de": …}; English is always there.
    title = models.JSONField()
    # [{"key", "kind": nps|driver|open, "text": {language: …}, "label": {language: …}}]
    items = models.JSONField()

    objects: ClassVar[models.Manager[SurveyTemplate]] = models.Manager.from_queryset(SurveyTemplateQuerySet)()

    confidentiality = classes(
        client="title items", internal="key version state note published_by published_at created_at revision"
    )

    class Meta:
        ordering = ["key", "-version"]
        constraints = state_rules("template", "key")
        triggers = [PUBLISHED_STAYS]

    def __str__(self) -> str:
        return f"{self.title_in('en')} (version {self.version})"

    def title_in(self, language: str) -> str:
        return str(self.title.get(language) or self.title.get("en", self.key))

    @property
    def questions(self) -> tuple[Item, ...]:
        return read_items(self.items)
