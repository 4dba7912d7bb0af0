from .account import Account, AccountKey, AccountQuerySet
from .activity import ActivityRate, ActivityVolume
from .contact import Contact, Opinion
from .dashboard import DashboardChange, DashboardMetric, DashboardThreshold, DashboardVersion
from .figure import Figure, FigureSplit
from .imports import ImportBatch, StagedRow
from .saved_view import SavedView
from .target import Forecast, Measure, Target
from .team import SponsorTerm, TeamSeat
from .touchpoint import Touchpoint, TouchpointContact, TouchpointPerson

__all__ = [
    "Account",
    "AccountKey",
    "AccountQuerySet",
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
    "ImportBatch",
    "Measure",
    "Opinion",
    "SavedView",
    "SponsorTerm",
    "StagedRow",
    "Target",
    "TeamSeat",
    "Touchpoint",
    "TouchpointContact",
    "TouchpointPerson",
]
