"""Forms drawn by our partials: `{{ form }}` and `{{ form.name.as_field_group }}` look like `{% field %}`."""

from functools import cached_property
from pathlib import Path

import django.forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as Backend


class SamRenderer(DjangoTemplates):
    """Django's own widgets, our fields and forms around them; needs no entry in INSTALLED_APPS."""

    form_template_name = "ui/form_fields.html"
    formset_template_name = "ui/formset.html"
    field_template_name = "ui/field_group.html"

    @cached_property
    def engine(self) -> Backend:
        return Backend(
            {
                "NAME": "forms",
                "APP_DIRS": False,
                "DIRS": [Path(settings.BASE_DIR) / "templates", Path(django.forms.__file__).parent / "templates"],
                "OPTIONS": {"builtins": ["sam.core.templatetags.ui"]},
            }
        )
