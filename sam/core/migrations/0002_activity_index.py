from django.db import migrations


class Migration(migrations.Migration):
    """Find what was done on one account in the audit trail without reading all of it."""

    dependencies = [("core", "0001_initial"), ("pghistory", "0007_auto_20250421_0444")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS audit_context_by_account ON pghistory_context ((metadata->>'account'), created_at DESC)",
            "DROP INDEX IF EXISTS audit_context_by_account",
        )
    ]
