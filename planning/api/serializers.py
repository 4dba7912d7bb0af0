"""What the API tells about plans, and what it takes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Account, Contact
from planning.domain.words import count_words
from planning.models import AccountPlan, Objective, PlanAction, PlanSection
from sam.core.api.fields import ScopedPrimaryKeyField, Strict, plain_decimal
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.values.results import value_of


def seen_accounts(user: User) -> Any:
    return Account.objects.visible_to(user)


def seen_plans(user: User) -> Any:
    return AccountPlan.objects.visible_to(user).select_related("account")


class SectionOut(serializers.ModelSerializer[PlanSection]):
    account = serializers.IntegerField(source="plan.account_id", read_only=True)
    title = serializers.CharField(source="template.title", read_only=True)
    question = serializers.CharField(source="template.question", read_only=True)
    word_limit = serializers.IntegerField(source="template.words", read_only=True)
    shared = serializers.BooleanField(source="template.shared", read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = PlanSection
        fields = (
            "id",
            "account",
            "plan",
            "key",
            "title",
            "question",
            "shared",
            "text",
            "words",
            "word_limit",
            "edited_by",
            "edited_at",
            "revision",
        )

    def get_words(self, section: PlanSection) -> int:
        return count_words(section.text)


class PlanOut(serializers.ModelSerializer[AccountPlan]):
    class Meta:
        model = AccountPlan
        fields = ("id", "account", "year", "strategy", "opened_on", "confirmed_on", "revision")


class ObjectiveOut(serializers.ModelSerializer[Objective]):
    account = serializers.IntegerField(source="plan.account_id", read_only=True)
    progress = serializers.SerializerMethodField(
        help_text="The way gone from baseline to target as a fraction, unrounded; null when it cannot be computed."
    )

    class Meta:
        model = Objective
        fields = (
            "id",
            "account",
            "plan",
            "title",
            "measure",
            "unit",
            "baseline",
            "target",
            "current",
            "progress",
            "due",
            "owner",
            "shared",
            "revision",
        )

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_progress(self, objective: Objective) -> str | None:
        value = value_of(objective.progress)
        return None if value is None else plain_decimal(value)


class ActionOut(serializers.ModelSerializer[PlanAction]):
    late = serializers.SerializerMethodField(help_text="Open after its due date.")

    class Meta:
        model = PlanAction
        fields = (
            "id",
            "account",
            "plan",
            "section",
            "objective",
            "title",
            "our_owner",
            "their_owner",
            "due",
            "status",
            "late",
            "done_on",
            "moved",
            "shared",
            "revision",
        )

    def get_late(self, entry: PlanAction) -> bool:
        return entry.is_open and entry.due < self.context["today"]


class PlanIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=seen_accounts, permission=Permission.PLAN_EDIT)
    year = serializers.IntegerField(min_value=2000, max_value=2100)


class StrategyIn(Strict):
    strategy = serializers.ChoiceField(choices=AccountPlan.Strategy.choices, allow_blank=True)


class TextIn(Strict):
    # What cannot be stored is the action's matter, as on the page; blanks outside are cut there too.
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


def measured() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=4, required=False, allow_null=True)


class ObjectiveIn(Strict):
    title = serializers.CharField(max_length=200)
    measure = serializers.CharField(max_length=200, required=False, allow_blank=True)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    baseline = measured()
    target = measured()
    current = measured()
    due = serializers.DateField(required=False, allow_null=True)
    owner = ScopedPrimaryKeyField(queryset_for=lambda user: User.objects.active(), required=False, allow_null=True)
    shared = serializers.BooleanField(required=False)


class NewObjectiveIn(ObjectiveIn):
    plan = ScopedPrimaryKeyField(queryset_for=seen_plans, permission=Permission.PLAN_EDIT)


class ActionIn(Strict):
    title = serializers.CharField(max_length=200)
    plan = ScopedPrimaryKeyField(queryset_for=seen_plans, required=False, allow_null=True)
    section = ScopedPrimaryKeyField(
        queryset_for=lambda user: PlanSection.objects.filter(plan__in=seen_plans(user)).select_related("plan"),
        required=False,
        allow_null=True,
    )
    objective = ScopedPrimaryKeyField(
        queryset_for=lambda user: Objective.objects.visible_to(user).select_related("plan"),
        required=False,
        allow_null=True,
    )
    our_owner = ScopedPrimaryKeyField(queryset_for=lambda user: User.objects.active(), required=False, allow_null=True)
    their_owner = ScopedPrimaryKeyField(
        queryset_for=lambda user: Contact.objects.filter(
            account__in=Account.objects.visible_to(user, Permission.PROFILE_VIEW)
        ),
        required=False,
        allow_null=True,
    )
    due = serializers.DateField()
    shared = serializers.BooleanField(required=False)


class NewActionIn(ActionIn):
    account = ScopedPrimaryKeyField(queryset_for=seen_accounts, permission=Permission.PLAN_EDIT)


class DoneIn(Strict):
    done_on = serializers.DateField(required=False, allow_null=True)


class MoveIn(Strict):
    due = serializers.DateField()


class NothingIn(Strict):
    """No values: the address says it all."""
