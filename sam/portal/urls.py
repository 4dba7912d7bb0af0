from django.urls import path

from sam.portal import views

app_name = "portal"
urlpatterns = [
    path("p/<str:public_id>/", views.link_page, name="link-page"),
    path("p/<str:public_id>/thanks/", views.link_done, name="link-done"),
    path("p/<str:public_id>/seen/", views.link_seen, name="link-seen"),
    path("p/<str:public_id>/files/<str:name>", views.link_file, name="link-file"),
    path("<str:token>/", views.link_open, name="link-open"),
    path("<str:token>", views.link_open),
]
