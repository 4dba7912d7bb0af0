from .comparison import Comparison
from .criterion import Criterion
from .decision import TierDecision
from .distribution import Distribution, Rescored
from .objective import Objective
from .preview import MOVED, Preview, PreviewLine
from .rating import GateAnswer, Rating
from .score import AccountScore, KeptScore, ScoreRun
from .scorecard import TIERS_FROM_THE_TOP, Scorecard, ScorecardVersion, TierRule

__all__ = [
    "MOVED",
    "TIERS_FROM_THE_TOP",
    "AccountScore",
    "Comparison",
    "Criterion",
    "Distribution",
    "GateAnswer",
    "KeptScore",
    "Objective",
    "Preview",
    "PreviewLine",
    "Rating",
    "Rescored",
    "ScoreRun",
    "Scorecard",
    "ScorecardVersion",
    "TierDecision",
    "TierRule",
]
