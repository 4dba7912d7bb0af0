from django.apps import AppConfig

from sam.core.authorization.permissions import Permission
from sam.core.navigation import Entry, register


class CoreConfig(AppConfig):
    name = "sam.core"
    label = "core"
    verbose_name = "SAM"

    def ready(self) -> None:
        import sam.core.api.schema  # noqa: F401, PLC0415 - rest_framework needs the apps' models first
        from sam.core import day, first_steps, orphans  # noqa: PLC0415 - apps are not ready before
        from sam.core.models import Organisation  # noqa: PLC0415 - models are not ready before

        day.register(day.Source("first-steps", 5, first_steps.first_steps))

        orphans.register("logo", Organisation, "logo")
        register(Entry("My day", "core:my-day", "layout-dashboard", Permission.SIGNED_IN, 10, "/", on_phone=True))
        for label, url_name, icon, permission, prefix in (
            ("People", "core:person-list", "users", Permission.PEOPLE_ADMIN, "/people/"),
            ("Organisation", "core:organisation-edit", "building", Permission.CONFIGURE, "/settings/organisation/"),
            (
                "Who may do what",
                "core:permission-table",
                "shield-check",
                Permission.CONFIGURE,
                "/settings/permissions/",
            ),
            ("Audit trail", "core:audit-trail", "history", Permission.AUDIT_VIEW, "/audit/"),
        ):
            register(Entry(label, url_name, icon, permission, 90, prefix, section="Settings"))
