"""Survey templates: the one for first start, and new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.actions.template_versions import claim, discard, draft_of, publish, put_into_use
from reviews.domain.survey import read_items
from reviews.models import SurveyTemplate
from sam.core.audit import action
from sam.core.errors import FieldErrors
from sam.core.models import User

DEFAULT_KEY = "how-are-we-doing"
DEFAULT_TITLE = {"en": "How are we doing?", "de": "Wie zufrieden sind Sie mit uns?"}


def _item(key: str, kind: str, label: tuple[str, str], text: tuple[str, str]) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "label": {"en": label[0], "de": label[1]},
        "text": {"en": text[0], "de": text[1]},
    }


DEFAULT_ITEMS = (
    _item(
        "nps",
        "nps",
        ("Recommendation", "Empfehlung"),
        (
            "How likely are you to recommend {supplier} to somebody in your position at another company?",
            "Wie wahrscheinlich ist es, dass Sie {supplier} jemandem in Ihrer Position in einem anderen Unternehmen"
            " empfehlen?",
        ),
    ),
    _item(
        "contract",
        "driver",
        ("Contract", "Vertrag"),
        (
            "Our agreements make it easy to work with them.",
            "Unsere Vereinbarungen machen die Zusammenarbeit einfach.",
        ),
    ),
    _item(
        "pricing",
        "driver",
        ("Pricing", "Preis"),
        (
            "What we pay is fair for what we get.",
            "Was wir zahlen, ist angemessen für das, was wir bekommen.",
        ),
    ),
    _item(
        "service",
        "driver",
        ("Service", "Service"),
        (
            "They deliver what they promise, and when something goes wrong they put it right.",
            "Sie halten, was sie zusagen, und bringen in Ordnung, was schiefgeht.",
        ),
    ),
    _item(
        "relationship",
        "driver",
        ("Relationship", "Beziehung"),
        (
            "They understand what we want to achieve, and I know whom to call.",
            "Sie verstehen, was wir erreichen wollen, und ich weiß, wen ich anrufe.",
        ),
    ),
    _item(
        "innovation",
        "driver",
        ("Innovation", "Innovation"),
        (
            "They bring us ideas that we would not have had ourselves.",
            "Sie bringen uns Ideen, auf die wir selbst nicht gekommen wären.",
        ),
    ),
    _item(
        "change",
        "open",
        ("What to change", "Was ändern"),
        (
            "What is the one thing we should change first?",
            "Was sollten wir als Erstes ändern?",
        ),
    ),
)


def prepare_default_template() -> str:
    """The step of `prepare`: a survey can be sent on the first day."""
    template = ensure_default_template(by=None)
    return f"survey “{template.title_in('en')}” version {template.version} is in use"


@action("loaded the default survey")
def ensure_default_template(*, by: User | None) -> SurveyTemplate:
    """The default survey's live version; version 1 is made where there is none. Running it again changes nothing."""
    live = SurveyTemplate.objects.live().filter(key=DEFAULT_KEY).first()
    return live or publish_template(key=DEFAULT_KEY, title=DEFAULT_TITLE, items=DEFAULT_ITEMS, by=by)


@action("put a survey into use")
def publish_template(
    *, key: str, title: Mapping[str, str], items: Sequence[Mapping[str, Any]], by: User | None
) -> SurveyTemplate:
    """The next version of a survey, in use from now on; the one before retires and keeps its answers.

    Raises FieldErrors for questions that are not complete.
    """
    return put_into_use(SurveyTemplate, _checked(title, items), by=by, key=key)


def _checked(title: Mapping[str, str], items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of a survey that can be asked. FieldErrors for what is not complete."""
    try:
        read_items(items)
    except (ValueError, KeyError) as problem:
        raise FieldErrors({"items": str(problem)}) from problem
    if not title.get("en"):
        raise FieldErrors({"title": "Give an English title."})
    return {"title": dict(title), "items": [dict(item) for item in items]}


@action("drafted the next survey")
def draft_survey(*, template: SurveyTemplate, by: User | None) -> SurveyTemplate:
    """The next version as a copy of `template`. ActionRefused when there is a draft already."""
    return draft_of(template, ("title", "items"), key=template.key)


@action("changed the draft of a survey")
def change_survey_draft(
    *,
    template: SurveyTemplate,
    seen: int,
    title: Mapping[str, str],
    items: Sequence[Mapping[str, Any]],
    by: User | None,
) -> SurveyTemplate:
    """FieldErrors for questions that are not complete; ActionRefused, Stale as for every write to a draft."""
    return claim(template, seen, **_checked(title, items))


@action("put a survey into use")
def publish_survey_draft(*, template: SurveyTemplate, seen: int, note: str, by: User | None) -> SurveyTemplate:
    """Surveys made from now on ask its questions; those made before keep theirs, with their answers."""
    return publish(template, seen, note=note, by=by, key=template.key)


@action("discarded the draft of a survey")
def discard_survey_draft(*, template: SurveyTemplate, seen: int, by: User | None) -> None:
    """The version in use stays as it is."""
    discard(template, seen)
