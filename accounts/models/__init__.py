from .account import Account, AccountKey, AccountQuerySet
from .contact import Contact, Opinion
from .figure import Figure
from .saved_view import SavedView
from .team import SponsorTerm, TeamSeat
from .touchpoint import Touchpoint, TouchpointContact, TouchpointPerson

__all__ = [
    "Account",
    "AccountKey",
    "AccountQuerySet",
    "Contact",
    "Figure",
    "Opinion",
    "SavedView",
    "SponsorTerm",
    "TeamSeat",
    "Touchpoint",
    "TouchpointContact",
    "TouchpointPerson",
]
