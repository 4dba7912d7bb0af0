from rest_framework.routers import SimpleRouter

from reviews.api.surveys import SurveyViews

router = SimpleRouter()
router.register("surveys", SurveyViews, basename="survey")
urlpatterns = router.urls
