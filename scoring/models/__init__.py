from .criterion import Criterion
from .decision import TierDecision
from .objective import Objective
from .rating import GateAnswer, Rating
from .round import RatingRound, RoundAccount, RoundRater
from .score import AccountScore, KeptScore, ScoreRun
from .scorecard import TIERS_FROM_THE_TOP, Scorecard, ScorecardVersion, TierRule
from .settled import SettledValue

__all__ = [
    "TIERS_FROM_THE_TOP",
    "AccountScore",
    "Criterion",
    "GateAnswer",
    "KeptScore",
    "Objective",
    "Rating",
    "RatingRound",
    "RoundAccount",
    "RoundRater",
    "ScoreRun",
    "Scorecard",
    "ScorecardVersion",
    "SettledValue",
    "TierDecision",
    "TierRule",
]
