"""The templates with their versions, for the settings pages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count

from reviews.models import AgendaTemplate, SurveyTemplate, TemplateVersion


@dataclass(frozen=True, slots=True)
class Versions:
    """One survey, or the agenda of one kind of review: its versions, the newest first, each with `used`."""

    name: str
    versions: tuple[TemplateVersion, ...]

    @property
    def live(self) -> TemplateVersion | None:
        return next((one for one in self.versions if one.state == TemplateVersion.State.LIVE), None)

    @property
    def draft(self) -> TemplateVersion | None:
        return next((one for one in self.versions if one.is_draft), None)


def survey_versions() -> list[Versions]:
    """`used`: how many surveys were made from a version."""
    rows = SurveyTemplate.objects.select_related("published_by").annotate(used=Count("surveys"))
    found = [list(group) for _, group in groupby(rows, key=lambda row: row.key)]
    return [Versions(group[0].title_in("en"), tuple(group)) for group in found]


def agenda_versions() -> list[Versions]:
    """`used`: how many reviews were scheduled from a version. The kinds stand in the order of their enumeration."""
    rows = AgendaTemplate.objects.select_related("published_by").annotate(used=Count("reviews"))
    found = {kind: list(group) for kind, group in groupby(rows, key=lambda row: row.kind)}
    kinds = AgendaTemplate._meta.get_field("kind").flatchoices
    return [Versions(str(label), tuple(found[kind])) for kind, label in kinds if kind in found]
