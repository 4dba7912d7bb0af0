from .agenda_template import AMONG_OURSELVES, AgendaTemplate, ReviewKind
from .pack import Pack, PackShare
from .review import Review, ReviewContact, ReviewDecision, ReviewPerson, ReviewQuerySet
from .survey import Answer, Invitation, Survey
from .survey_template import SurveyTemplate
from .template_version import TemplateVersion

__all__ = [
    "AMONG_OURSELVES",
    "AgendaTemplate",
    "Answer",
    "Invitation",
    "Pack",
    "PackShare",
    "Review",
    "ReviewContact",
    "ReviewDecision",
    "ReviewKind",
    "ReviewPerson",
    "ReviewQuerySet",
    "Survey",
    "SurveyTemplate",
    "TemplateVersion",
]
