from rest_framework.routers import SimpleRouter

from planning.api.actions import ActionViews
from planning.api.objectives import ObjectiveViews
from planning.api.plans import PlanSectionViews, PlanViews

router = SimpleRouter()
router.register("plans", PlanViews, basename="plan")
router.register("plan-sections", PlanSectionViews, basename="plan-section")
router.register("objectives", ObjectiveViews, basename="objective")
router.register("actions", ActionViews, basename="action")
urlpatterns = router.urls
