from .comparison import Comparison
from .criterion import Criterion
from .cycle import Candidate, CandidateDecision, CycleApproval, CycleDocument, ScreeningValue, SelectionCycle
from .decision import TierDecision
from .distribution import Distribution, Rescored
from .mutuality import MutualityEvidence
from .objective import Objective
from .preview import MOVED, Preview, PreviewLine
from .profile import IdealProfile, ProfileAttribute
from .rating import GateAnswer, Rating
from .round import RatingRound, RoundAccount, RoundRater
from .score import AccountScore, KeptScore, ScoreRun
from .scorecard import TIERS_FROM_THE_TOP, Scorecard, ScorecardVersion, TierRule
from .settled import SettledValue
from .standing import AccountStanding
from .worth import OutcomeWorth

__all__ = [
    "MOVED",
    "TIERS_FROM_THE_TOP",
    "AccountScore",
    "AccountStanding",
    "Candidate",
    "CandidateDecision",
    "Comparison",
    "Criterion",
    "CycleApproval",
    "CycleDocument",
    "Distribution",
    "GateAnswer",
    "IdealProfile",
    "KeptScore",
    "MutualityEvidence",
    "Objective",
    "OutcomeWorth",
    "Preview",
    "PreviewLine",
    "ProfileAttribute",
    "Rating",
    "RatingRound",
    "Rescored",
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
