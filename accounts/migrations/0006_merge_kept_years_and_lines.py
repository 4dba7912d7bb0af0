from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_access_day_and_import_retention"),
        ("accounts", "0004_kept_year"),
        ("accounts", "0005_pnl_lines"),
    ]

    operations = []
