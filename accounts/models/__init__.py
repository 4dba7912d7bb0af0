from .account import Account, AccountKey, AccountQuerySet
from .activity import ActivityRate, ActivityVolume
from .contact import Contact, Opinion
from .figure import Figure, FigureSplit
from .imports import ImportBatch, StagedRow
from .kept_year import AccountYear
from .price_request import GiveGet, PriceApproval, PriceRequest, PriceRequestLine
from .saved_view import SavedView
from .team import SponsorTerm, TeamSeat
from .touchpoint import Touchpoint, TouchpointContact, TouchpointPerson

__all__ = [
    "Account",
    "AccountKey",
    "AccountQuerySet",
    "AccountYear",
    "ActivityRate",
    "ActivityVolume",
    "Contact",
    "Figure",
    "FigureSplit",
    "GiveGet",
    "ImportBatch",
    "Opinion",
    "PriceApproval",
    "PriceRequest",
    "PriceRequestLine",
    "SavedView",
    "SponsorTerm",
    "StagedRow",
    "TeamSeat",
    "Touchpoint",
    "TouchpointContact",
    "TouchpointPerson",
]
