"""What the dry run of activities, parts of figures and exchange rates compares a file with."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Model

from accounts.domain.import_numbers import KnownForParts, KnownRates
from accounts.domain.import_rows import Stored
from accounts.models import Account, ActivityVolume, FigureSplit, ImportBatch
from accounts.queries.import_context import known_accounts
from sam.core.models import ExchangeRate, Organisation


def for_activities(batch: ImportBatch, keys: Collection[str]) -> KnownForParts:
    return _parts(batch, keys, ActivityVolume, ("driver",), ("quantity",))


def for_splits(batch: ImportBatch, keys: Collection[str]) -> KnownForParts:
    return _parts(batch, keys, FigureSplit, ("dimension", "name"), ("currency", "revenue", "cost_of_goods"))


def for_rates() -> KnownRates:
    """All rates into the reporting currency: a few dozen."""
    into = Organisation.objects.current().reporting_currency
    rates = ExchangeRate.objects.filter(into=into)
    return KnownRates(
        into,
        {(rate.currency, rate.quarter_start): Stored(rate.pk, rate.revision, {"rate": rate.rate}) for rate in rates},
    )


def _parts(
    batch: ImportBatch, keys: Collection[str], model: type[Model], named: Sequence[str], written: Sequence[str]
) -> KnownForParts:
    accounts = known_accounts(batch, keys)
    key_ids = [key.key_id for key in accounts.keys.values()]
    width = 3 + len(named)
    rows = model._default_manager.filter(key__in=key_ids).values_list(
        "key_id", "period_start", "months", *named, "pk", "revision", *written
    )
    typed = model._default_manager.filter(key=None, account__in=accounts.names)
    return KnownForParts(
        accounts=accounts,
        stored={
            row[:width]: Stored(row[width], row[width + 1], dict(zip(written, row[width + 2 :], strict=True)))
            for row in rows
        },
        typed=frozenset(typed.values_list("account_id", "period_start", "months", *named)),
        currencies=dict(Account.objects.filter(pk__in=accounts.names).values_list("pk", "currency")),
    )
