from django.urls import path

from sam.core.views import health, home, messages, organisation, people, profile

app_name = "core"
urlpatterns = [
    path("", home.my_day, name="my-day"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("welcome/", organisation.set_up, name="set-up"),
    path("logo", organisation.logo, name="logo"),
    path("profile/", profile.profile, name="profile"),
    path("profile/theme/", profile.theme_change, name="theme-change"),
    path("profile/tokens/", profile.token_create, name="token-create"),
    path("profile/tokens/<int:token_id>/revoke/", profile.token_revoke, name="token-revoke"),
    path("search/", messages.find, name="search"),
    path("notifications/", messages.notification_list, name="notification-list"),
    path("notifications/read/", messages.notification_read, name="notification-read"),
    path("jobs/<int:job_id>/", messages.job_detail, name="job-detail"),
    path("audit/", messages.audit_trail, name="audit-trail"),
    path("mailbox/", messages.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", messages.mailbox_mail, name="mailbox-mail"),
    path("settings/organisation/", organisation.organisation_edit, name="organisation-edit"),
    path("settings/test-mail/", organisation.mail_test, name="mail-test"),
    path("settings/permissions/", organisation.permission_table, name="permission-table"),
    path("people/", people.person_list, name="person-list"),
    path("people/invite/", people.person_invite, name="person-invite"),
    path("people/invite/file/", people.person_invite_file, name="person-invite-file"),
    path("people/<int:user_id>/", people.person_detail, name="person-detail"),
    path("people/<int:user_id>/deactivate/", people.person_deactivate, name="person-deactivate"),
    path("people/<int:user_id>/reactivate/", people.person_reactivate, name="person-reactivate"),
    path("people/<int:user_id>/invite/", people.person_invite_again, name="person-invite-again"),
    path("people/<int:user_id>/reassign/", people.person_reassign, name="person-reassign"),
]
