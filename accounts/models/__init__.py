from .account import Account, AccountKey, AccountQuerySet
from .activity import ActivityRate, ActivityVolume
from .contact import Contact, Opinion
from .dashboard import DashboardChange, DashboardMetric, DashboardThreshold, DashboardVersion
from .figure import Figure, FigureSplit
from .imports import ImportBatch, StagedRow
from .kept_year import AccountYear
from .price_request import GiveGet, PriceApproval, PriceRequest, PriceRequestLine
from .saved_view import SavedView
from .target import Forecast, Measure, Target
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
    "DashboardChange",
    "DashboardMetric",
    "DashboardThreshold",
    "DashboardVersion",
    "Figure",
    "FigureSplit",
    "Forecast",
    "GiveGet",
    "ImportBatch",
    "Measure",
    "Opinion",
    "PriceApproval",
    "PriceRequest",
    "PriceRequestLine",
    "SavedView",
    "SponsorTerm",
    "StagedRow",
    "Target",
    "TeamSeat",
    "Touchpoint",
    "TouchpointContact",
    "TouchpointPerson",
]
