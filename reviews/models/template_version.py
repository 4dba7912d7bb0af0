from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

# What the actions refuse, the database refuses too: surveys and reviews were made from a published version.
PUBLISHED_STAYS = pgtrigger.Trigger(
    name="published_template_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF OLD.state = 'draft' THEN
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a published template version is kept' USING ERRCODE = 'check_violation';
        END IF;
        IF (to_jsonb(NEW) - 'state' - 'revision') <> (to_jsonb(OLD) - 'state' - 'revision')
           OR NOT (NEW.state = OLD.state OR (OLD.state = 'live' AND NEW.state = 'retired')) THEN
            RAISE EXCEPTION 'a published template version does not change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


class TemplateVersion(models.Model):
    """One version of a template: a draft until it is published, then in use, then retired; only a draft changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "In use"
        RETIRED = "retired", "Retired"

    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    note = models.CharField("why this version", max_length=240, blank=True, default="")
    # Nobody: it came with the product.
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
        triggers = [PUBLISHED_STAYS]

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


def state_rules(noun: str, by: str) -> list[models.BaseConstraint]:
    """One version per number, one in use, one draft for each value of the field `by`; `noun` names the constraints."""
    return [
        models.UniqueConstraint(fields=[by, "version"], name=f"one_{noun}_per_{by}_and_version"),
        models.UniqueConstraint(fields=[by], condition=Q(state="live"), name=f"one_live_{noun}_per_{by}"),
        models.UniqueConstraint(fields=[by], condition=Q(state="draft"), name=f"one_draft_{noun}_per_{by}"),
        models.CheckConstraint(condition=Q(state__in=["draft", "live", "retired"]), name=f"{noun}_state_is_known"),
    ]
