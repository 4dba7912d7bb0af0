"""Every stored field has a confidentiality class; the marker-word sweep is generated from this registry."""

import pytest
from django.apps import apps
from django.db.models import Model

OURS = ("core", "portal", "accounts", "scoring", "planning", "reviews")
MODELS = [
    model
    for label in OURS
    for model in apps.get_app_config(label).get_models()
    if not hasattr(model, "pgh_tracked_model")
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_has_a_confidentiality_class(model: type[Model]) -> None:
    fields = {field.name for field in model._meta.get_fields() if field.concrete} - {"id"}
    assert fields == set(getattr(model, "confidentiality", {})), model._meta.label
