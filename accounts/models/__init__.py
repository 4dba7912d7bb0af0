from .account import Account, AccountKey, AccountQuerySet
from .contact import Contact, Opinion
from .figure import Figure
from .imports import ImportBatch, StagedRow
from .kept_year import AccountYear
from .saved_view import SavedView
from .team import SponsorTerm, TeamSeat
from .touchpoint import Touchpoint, TouchpointContact, TouchpointPerson

__all__ = [
    "Account",
    "AccountKey",
    "AccountQuerySet",
    "AccountYear",
    "Contact",
    "Figure",
    "ImportBatch",
    "Opinion",
    "SavedView",
    "SponsorTerm",
    "StagedRow",
    "TeamSeat",
    "Touchpoint",
    "TouchpointContact",
    "TouchpointPerson",
]
