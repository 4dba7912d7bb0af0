from django.urls import path

from accounts.views import concentration, figures, imports, portfolio

app_name = "accounts"
urlpatterns = [
    path("accounts/", portfolio.account_list, name="account-list"),
    path("accounts/<int:account_id>/figures/<str:quarter>/", figures.figure_edit, name="figure-edit"),
    path("accounts/<int:account_id>/figures/<str:quarter>/<str:kind>/", figures.figure_edit, name="figure-edit"),
    path("portfolio/", concentration.concentration, name="concentration"),
    path("portfolio/concentration.csv", concentration.concentration_csv, name="concentration-csv"),
    path("rates/", figures.rate_list, name="rate-list"),
    path("rates/<int:rate_id>/", figures.rate_edit, name="rate-edit"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/sample/<str:key>/", imports.import_sample, name="import-sample"),
    path("imports/<int:batch_id>/", imports.import_detail, name="import-detail"),
    path("imports/<int:batch_id>/columns/", imports.import_columns, name="import-columns"),
    path("imports/<int:batch_id>/check/", imports.import_check, name="import-check"),
    path("imports/<int:batch_id>/commit/", imports.import_commit, name="import-commit"),
    path("imports/<int:batch_id>/undo/", imports.import_undo, name="import-undo"),
    path("imports/<int:batch_id>/rejected.csv", imports.import_rejected, name="import-rejected"),
]
