from .agenda_template import AgendaTemplate, ReviewKind
from .pack import Pack, PackShare
from .review import Review, ReviewContact, ReviewDecision, ReviewPerson, ReviewQuerySet
from .survey import Answer, Invitation, Survey
from .survey_template import SurveyTemplate

__all__ = [
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
]
