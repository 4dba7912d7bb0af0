from .action import PlanAction, PlanActionQuerySet
from .objective import Objective
from .plan import AccountPlan, PlanSection

__all__ = ["AccountPlan", "Objective", "PlanAction", "PlanActionQuerySet", "PlanSection"]
