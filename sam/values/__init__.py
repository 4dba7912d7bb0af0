"""Value types shared by all apps; free of Django."""
