from .criterion import Criterion
from .cycle import Candidate, CandidateDecision, CycleApproval, CycleDocument, ScreeningValue, SelectionCycle
from .decision import TierDecision
from .mutuality import MutualityEvidence
from .objective import Objective
from .rating import GateAnswer, Rating
from .round import RatingRound, RoundAccount, RoundRater
from .score import AccountScore, KeptScore, ScoreRun
from .scorecard import TIERS_FROM_THE_TOP, Scorecard, ScorecardVersion, TierRule
from .settled import SettledValue
from .standing import AccountStanding

__all__ = [
    "TIERS_FROM_THE_TOP",
    "AccountScore",
    "AccountStanding",
    "Candidate",
    "CandidateDecision",
    "Criterion",
    "CycleApproval",
    "CycleDocument",
    "GateAnswer",
    "KeptScore",
    "MutualityEvidence",
    "Objective",
    "Rating",
    "RatingRound",
    "RoundAccount",
    "RoundRater",
    "ScoreRun",
    "Scorecard",
    "ScorecardVersion",
    "ScreeningValue",
    "SelectionCycle",
    "SettledValue",
    "TierDecision",
    "TierRule",
]
