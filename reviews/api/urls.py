from rest_framework.routers import SimpleRouter

from reviews.api.reviews import ReviewViews
from reviews.api.surveys import SurveyViews

router = SimpleRouter()
router.register("surveys", SurveyViews, basename="survey")
router.register("reviews", ReviewViews, basename="review")
urlpatterns = router.urls
