"""Accounts with something in every drawer: one row of every model that lives inside an account.

All rows of one account carry the same primary key, whatever their model: an address or a body that names a row
names the other account's by putting that number in its place. All their texts carry one word that stands nowhere
else, so that a glimpse of a foreign row is a glimpse of its word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

from accounts.models import (
    Account,
    ActivityRate,
    ActivityVolume,
    Figure,
    FigureSplit,
    ImportBatch,
    Opinion,
    SavedView,
    StagedRow,
    TeamSeat,
)
from planning.domain.template import PLAN_TEMPLATE
from planning.models import AccountPlan, PlanSection
from reviews.actions.agenda_templates import ensure_default_agendas
from reviews.actions.survey_templates import ensure_default_template
from reviews.models import AgendaTemplate, Answer, Pack, PackShare, Review, Survey, SurveyTemplate
from sam.core.models import ApiToken, ExchangeRate, Job, Notification, User
from sam.portal.models import Link, LinkView, Publication, Submission
from sam.values.periods import last_closed_quarter
from scoring.actions.defaults import load_defaults
from scoring.domain.cycle import proposed_calendar
from scoring.models import (
    AccountScore,
    Candidate,
    CandidateDecision,
    GateAnswer,
    KeptScore,
    Preview,
    Rating,
    RatingRound,
    Rescored,
    RoundAccount,
    Scorecard,
    ScorecardVersion,
    SelectionCycle,
    SettledValue,
    TierDecision,
)

OURS = ("core", "portal", "accounts", "scoring", "planning", "reviews")
Model = type[models.Model]
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

# Rows of an account without a foreign key that says so, and rows of the person who leads it.
BESIDE: tuple[Model, ...] = (
    Job, Publication, Link, LinkView, Submission, ImportBatch, StagedRow, SavedView, Notification, ApiToken,
)  # fmt: skip


def our_models() -> list[Model]:
    found = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return [model for model in found if not hasattr(model, "pgh_tracked_model")]


def parents(model: Model) -> Iterator[models.ForeignKey[Any, Any]]:
    """Its foreign keys to other models."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model is not model:
            yield field


def inside_an_account() -> list[Model]:
    """Every model from which foreign keys lead to Account."""
    found: list[Model] = [Account]
    while more := [
        model
        for model in our_models()
        if model not in found and any(field.related_model in found for field in parents(model))
    ]:
        found += more
    return found


def in_order(wanted: list[Model]) -> list[Model]:
    """Each after those it points at."""
    found: list[Model] = []
    while len(found) < len(wanted):
        found += [
            model
            for model in wanted
            if model not in found
            and all(field.related_model in found or field.related_model not in wanted for field in parents(model))
        ]
    return found


class Shared:
    """What all accounts use: templates, the scorecard in use, rates."""

    def __init__(self) -> None:
        version = load_defaults(by=None) or ScorecardVersion.objects.in_use()
        assert version is not None
        self.version: ScorecardVersion = version
        agendas = ensure_default_agendas(by=None) or AgendaTemplate.objects.all()
        self.rows: dict[Any, Any] = {
            Scorecard: version.scorecard,
            ScorecardVersion: version,
            Preview: Preview.objects.create(
                version=version,
                revision=version.revision,
                quarter_start=last_closed_quarter(timezone.localdate()).start,
                accounts=2,
                computed_at=timezone.now(),
            ),
            SurveyTemplate: ensure_default_template(by=None),
            AgendaTemplate: next(agenda for agenda in agendas if agenda.kind == "quarterly"),
        }
        self.rate = ExchangeRate.objects.create(
            currency="GBP", into="EUR", quarter_start=date(2026, 1, 1), rate=Decimal("1.15")
        )
        self.activity_rate = ActivityRate.objects.create(
            driver="order", year=2199, amount=Decimal(45), currency="EUR", variable=True
        )
        self.round = RatingRound.objects.create(
            scorecard=version.scorecard, name="Shared round", opens_on=date(2026, 1, 1), closes_on=date(2199, 1, 1)
        )
        self.rows[RatingRound] = self.round
        calendar = proposed_calendar(2199)
        self.cycle = SelectionCycle.objects.create(
            year=2199, state="decision", **{name: getattr(calendar, name) for name in calendar.__slots__}
        )
        self.rows[SelectionCycle] = self.cycle
        self.rated = version.criteria.filter(kind="rated")[0].key
        self.gate = version.criteria.filter(kind="gate")[0].key
        self.objective_id = version.criteria.exclude(objective=None)[0].objective_id
        self.colleague_id = 0


class Population:
    """One account, its lead, and one row of everything; `number` is every row's key, `word` stands in every text."""

    def __init__(self, number: int, word: str, lead: User, shared: Shared) -> None:
        self.number, self.word, self.lead, self.shared = number, word, lead, shared
        self.today = timezone.localdate()
        self.rows: dict[Model, Any] = {}
        for model in in_order([*inside_an_account(), *BESIDE]):
            self.rows[model] = self._made(model)

    @property
    def account(self) -> Account:
        return self.rows[Account]  # type: ignore[no-any-return]

    def _made(self, model: Model) -> Any:
        given = OWN_VALUES[model](self) if model in OWN_VALUES else {}
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.AutoField):
                values["pk"] = self.number
            elif not isinstance(field, models.GeneratedField):
                values[field.name] = given.pop(field.name) if field.name in given else self._value(field)
        assert not given, f"{model._meta.label} has no field {sorted(given)}"
        return model._base_manager.create(**values)

    def text(self, name: str, longest: int | None = None) -> str:
        return f"{self.word} {name.replace('_', ' ')}"[:longest]

    def _value(self, field: models.Field[Any, Any]) -> Any:
        """Something that the field may hold, with the account's word where a word fits."""
        if isinstance(field, models.ForeignKey):
            return self._related(field)
        if isinstance(field, models.EmailField):
            return f"{field.name}@{self.word.lower()}.example"
        if isinstance(field, models.URLField):
            return f"https://{self.word.lower()}.example/"
        if field.choices and not field.has_default():
            return next(iter(field.choices))[0]
        if field.has_default() and field.default != "":
            return field.get_default()
        if isinstance(field, models.CharField | models.TextField):
            return "" if field.choices else self.text(field.name, field.max_length)
        return self._plain(field)

    def _plain(self, field: models.Field[Any, Any]) -> Any:
        """A value without words."""
        if isinstance(field, models.JSONField):
            return {"text": self.word}
        if isinstance(field, models.DecimalField):
            return Decimal(self.number)
        if field.null:
            return None
        if isinstance(field, models.DateTimeField):
            return timezone.now()
        if isinstance(field, models.DateField):
            return self.today
        if isinstance(field, ArrayField):
            return []
        return False if isinstance(field, models.BooleanField) else 1

    def _related(self, field: models.ForeignKey[Any, Any]) -> Any:
        target: Any = field.related_model
        if target is field.model:
            return None
        if target is User:
            return self.lead
        return self.rows[target] if target in self.rows else self.shared.rows[target]

    def fingerprint(self) -> dict[str, str]:
        """Table → hash of the account's row in it; the same as before when nothing has changed."""
        parts = [
            f"SELECT '{model._meta.label}', md5(to_jsonb(t)::text) FROM \"{model._meta.db_table}\" t"
            f' WHERE "{model._meta.pk.column}" = {row.pk}'
            for model, row in self.rows.items()
        ]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts))
            return dict(cursor.fetchall())

    def pointed_at_by(self) -> list[str]:
        """Foreign keys of other rows than the account's own that point at one of its rows."""
        parts = []
        for model in our_models():
            for field in model._meta.concrete_fields:
                target: Any = getattr(field, "related_model", None)
                if target in self.rows:
                    own = self.rows[model].pk if model in self.rows else 0
                    parts.append(
                        f"SELECT '{model._meta.label}.{field.name}' WHERE EXISTS (SELECT 1 FROM"
                        f' "{model._meta.db_table}" WHERE "{field.column}" = {self.rows[target].pk}'
                        f' AND "{model._meta.pk.column}" <> {own})'
                    )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts))
            return [name for (name,) in cursor.fetchall()]


def _link(population: Population) -> dict[str, Any]:
    return {
        "public_id": f"{population.word[:10]}-{population.number}",
        "digest": hashlib.sha256(population.word.encode()).hexdigest(),
        "expires_at": timezone.now() + timedelta(days=30),
        "recipient_id": population.number,
        "purpose": "survey",
    }


def _figure(population: Population) -> dict[str, Any]:
    last = last_closed_quarter(population.today)
    return {"period_start": last.start, "client_spend": None, "currency": "EUR", "key": None}


# What the database or a page asks for beyond the type of a field.
OWN_VALUES: dict[Model, Callable[[Population], dict[str, Any]]] = {
    Account: lambda p: {"currency": "EUR", "country": "Germany"},
    TeamSeat: lambda p: {"role": "account_lead", "access": "lead"},
    Opinion: lambda p: {"value": 3, "recorded_on": p.today, "expires_on": p.today + timedelta(days=90)},
    Figure: _figure,
    ActivityVolume: lambda p: {"period_start": p.today.replace(day=1), "key": None},
    FigureSplit: lambda p: {"period_start": p.today.replace(day=1), "key": None, "currency": "EUR"},
    TierDecision: lambda p: {"proposed": None},
    AccountScore: lambda p: {
        "proposed_tier": "key",
        "current": 61_000_000_000,
        "potential": 52_000_000_000,
        "overall": 56_500_000_000,
        "ranking": 56_500_000_000,
        "current_covered": 100,
        "current_whole": 100,
        "potential_covered": 100,
        "potential_whole": 100,
        "values": [3.0] * p.shared.version.criteria.count(),
    },
    Rescored: lambda p: {"before": [3.0] * p.shared.version.criteria.count()},
    KeptScore: lambda p: {"proposed_tier": "key", "decided_tier": "key"},
    Rating: lambda p: {"criterion_key": p.shared.rated, "value": 3, "rated_on": p.today},
    RoundAccount: lambda p: {"revealed_at": NOON},
    SettledValue: lambda p: {"criterion_key": p.shared.rated, "value": 3, "settled_on": p.today},
    GateAnswer: lambda p: {"gate_key": p.shared.gate},
    Candidate: lambda p: {"last_outcome": "", "last_tier": "", "marks": [], "screening": None, "screening_rank": None},
    CandidateDecision: lambda p: {"tier": "key", "suggested_outcome": "", "suggested_tier": None},
    AccountPlan: lambda p: {"year": p.today.year},
    PlanSection: lambda p: {"key": PLAN_TEMPLATE[0].key},
    Review: lambda p: {
        "date": p.today + timedelta(days=14),
        "minutes": 60,
        "agenda": [{"title": p.text("agenda"), "minutes": 60, "who": p.word}],
        "decisions_asked": [p.text("decision asked")],
    },
    Pack: lambda p: {"content": {}, "publication": None, "stored": "", "sha256": "", "read_by": None},
    PackShare: lambda p: {
        "shared_at": timezone.now(),
        "expires_at": timezone.now() + timedelta(days=30),
    },
    Survey: lambda p: {"closes_on": p.today + timedelta(days=14)},
    Answer: lambda p: {"values": {"nps": 3, "change": p.word}, "is_low": True},
    Publication: lambda p: {"kind": "survey", "subject_id": p.number, "account_id": p.number},
    Link: _link,
    Submission: lambda p: {"idempotency_key": p.text("key")},
    Job: lambda p: {
        "kind": "pack",
        "arguments": {"pack": p.number},
        "state": "done",
        "started_at": NOON,
        "finished_at": NOON,
    },
    Notification: lambda p: {"account_id": p.number, "url": f"/accounts/{p.number}/"},
    ImportBatch: lambda p: {
        "kind": "accounts",
        "status": "checked",
        "columns": [p.text("column")],
        "mapping": {p.text("column"): "name"},
        "sample": [[p.text("cell")]],
        "counts": {"new": 1},
        "options": {},
        "source": "import",
    },
    StagedRow: lambda p: {"account_id": p.number, "verdict": "rejected", "data": {}, "cells": [p.text("cell")]},
    ApiToken: lambda p: {"digest": hashlib.sha256(f"token {p.word}".encode()).hexdigest()},
}
