from django.urls import path

from accounts.views import account, activity, contacts, numbers, portfolio, team, touchpoints

app_name = "accounts"

ACCOUNT = "accounts/<int:account_id>"

urlpatterns = [
    path("accounts/", portfolio.account_list, name="account-list"),
    path("accounts/filters/", portfolio.account_filters, name="account-filters"),
    path("accounts/names/", account.account_names, name="account-names"),
    path("accounts/new/", account.account_new, name="account-new"),
    path("accounts/owner/", portfolio.bulk_owner, name="account-bulk-owner"),
    path("accounts/export.csv", portfolio.account_export, {"form": "csv"}, name="account-export-csv"),
    path("accounts/export.xlsx", portfolio.account_export, {"form": "xlsx"}, name="account-export-xlsx"),
    path("accounts/views/", portfolio.view_list, name="view-list"),
    path("accounts/views/save/", portfolio.view_save, name="view-save"),
    path("accounts/views/<int:view_id>/remove/", portfolio.view_remove, name="view-remove"),
    path(f"{ACCOUNT}/", account.account_detail, name="account-detail"),
    path(f"{ACCOUNT}/edit/", account.account_edit, name="account-edit"),
    path(f"{ACCOUNT}/archive/", account.account_archive, name="account-archive"),
    path(f"{ACCOUNT}/merge/", account.account_merge, name="account-merge"),
    path(f"{ACCOUNT}/keys/", account.key_list, name="key-list"),
    path(f"{ACCOUNT}/keys/add/", account.key_add, name="key-add"),
    path(f"{ACCOUNT}/keys/<int:key_id>/remove/", account.key_remove, name="key-remove"),
    path(f"{ACCOUNT}/numbers/", numbers.figure_list, name="figure-list"),
    path(f"{ACCOUNT}/people/", contacts.contact_list, name="contact-list"),
    path(f"{ACCOUNT}/people/new/", contacts.contact_new, name="contact-new"),
    path(f"{ACCOUNT}/people/<int:contact_id>/", contacts.contact_detail, name="contact-detail"),
    path(f"{ACCOUNT}/people/<int:contact_id>/edit/", contacts.contact_edit, name="contact-edit"),
    path(f"{ACCOUNT}/people/<int:contact_id>/status/", contacts.contact_status, name="contact-status"),
    path(f"{ACCOUNT}/people/<int:contact_id>/opinion/", contacts.opinion_record, name="opinion-record"),
    path(f"{ACCOUNT}/team/new/", team.seat_new, name="seat-new"),
    path(f"{ACCOUNT}/team/<int:seat_id>/edit/", team.seat_edit, name="seat-edit"),
    path(f"{ACCOUNT}/team/<int:seat_id>/end/", team.seat_end, name="seat-end"),
    path(f"{ACCOUNT}/sponsors/new/", team.term_new, name="term-new"),
    path(f"{ACCOUNT}/sponsors/<int:term_id>/edit/", team.term_edit, name="term-edit"),
    path(f"{ACCOUNT}/sponsors/<int:term_id>/end/", team.term_end, name="term-end"),
    path(f"{ACCOUNT}/touchpoints/", touchpoints.touchpoint_list, name="touchpoint-list"),
    path(f"{ACCOUNT}/touchpoints/new/", touchpoints.touchpoint_new, name="touchpoint-new"),
    path(f"{ACCOUNT}/touchpoints/<int:touchpoint_id>/edit/", touchpoints.touchpoint_edit, name="touchpoint-edit"),
    path(f"{ACCOUNT}/touchpoints/<int:touchpoint_id>/delete/", touchpoints.touchpoint_delete, name="touchpoint-delete"),
    path(f"{ACCOUNT}/activity/", activity.activity_list, name="activity-list"),
]
