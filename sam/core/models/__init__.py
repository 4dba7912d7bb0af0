from .job import Job
from .message import Notification, Occurrence, OutgoingMail
from .organisation import Organisation
from .rate import ExchangeRate
from .token import ApiToken
from .user import User

__all__ = ["ApiToken", "ExchangeRate", "Job", "Notification", "Occurrence", "Organisation", "OutgoingMail", "User"]
