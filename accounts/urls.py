from django.urls import path

from accounts.views import imports, portfolio

app_name = "accounts"
urlpatterns = [
    path("accounts/", portfolio.account_list, name="account-list"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/sample/<str:key>/", imports.import_sample, name="import-sample"),
    path("imports/<int:batch_id>/", imports.import_detail, name="import-detail"),
    path("imports/<int:batch_id>/columns/", imports.import_columns, name="import-columns"),
    path("imports/<int:batch_id>/check/", imports.import_check, name="import-check"),
    path("imports/<int:batch_id>/commit/", imports.import_commit, name="import-commit"),
    path("imports/<int:batch_id>/undo/", imports.import_undo, name="import-undo"),
    path("imports/<int:batch_id>/rejected.csv", imports.import_rejected, name="import-rejected"),
]
