from .criterion import Criterion
from .decision import TierDecision
from .distribution import Distribution, Rescored
from .objective import Objective
from .rating import GateAnswer, Rating
from .score import AccountScore, KeptScore, ScoreRun
from .scorecard import TIERS_FROM_THE_TOP, Scorecard, ScorecardVersion, TierRule

__all__ = [
    "TIERS_FROM_THE_TOP",
    "AccountScore",
    "Criterion",
    "Distribution",
    "GateAnswer",
    "KeptScore",
    "Objective",
    "Rating",
    "Rescored",
    "ScoreRun",
    "Scorecard",
    "ScorecardVersion",
    "TierDecision",
    "TierRule",
]
