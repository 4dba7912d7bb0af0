from .survey import Answer, Invitation, Survey
from .survey_template import SurveyTemplate

__all__ = ["Answer", "Invitation", "Survey", "SurveyTemplate"]
