from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower, Replace

from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import accesses_with
from sam.core.confidentiality import classes
from sam.core.models import User

# The embedded PostgreSQL has no unaccent; translate() is immutable, so a generated column may use it.
ACCENTED = "àáâãäåāăąçćčďđèéêëēėęěģğìíîïīįķłļľñńňņòóôõöøōőŕřśšşșťţțùúûüūůűųýÿžźż"
PLAIN = "aaaaaaaaacccddeeeeeeeeggiiiiiiklllnnnnoooooooorrsssstttuuuuuuuuyyzzz"


def without_accents(text: str) -> str:
    """The same folding as the generated column, for search words."""
    return text.lower().replace("ß", "ss").translate(str.maketrans(ACCENTED, PLAIN))


class Translate(models.Func):
    function = "translate"
    arity = 3


def folded(field: str) -> Translate:
    """The column expression behind `without_accents`."""
    return Translate(Replace(Lower(field), Value("ß"), Value("ss")), Value(ACCENTED), Value(PLAIN))


class SimpleVector(models.Func):
    """to_tsvector with a named configuration: the one-argument form is not immutable."""

    function = "to_tsvector"
    template = "%(function)s('simple', %(expressions)s)"
    output_field = SearchVectorField()


def tier_rank() -> models.Case:
    """0 for global, 1 strategic, 2 key, 3 outside the programme; the index `account_by_rank` serves this order."""
    ranks = [models.When(tier=tier, then=Value(rank)) for rank, tier in enumerate(("global", "strategic", "key"))]
    return models.Case(*ranks, default=Value(3), output_field=models.SmallIntegerField())


def beginning_of_words(text: str) -> SearchQuery | None:
    """Every word of `text` begins a word of a SimpleVector(folded(…)) column; None for a text without words."""
    words = ["".join(c for c in word if c.isalnum()) for word in without_accents(text).replace("-", " ").split()]
    query = " & ".join(f"{word}:*" for word in words if word)
    return SearchQuery(query, search_type="raw", config="simple") if query else None


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: User, permission: Permission = Permission.ACCOUNT_VIEW) -> AccountQuerySet:
        """Accounts on which `user` holds `permission`, by role or by an open seat."""
        if not user.is_active:
            return self.none()
        if permission in user.role.everywhere:
            return self
        seats = user.seats.open()
        if permission not in user.role.on_seat:
            seats = seats.filter(access__in=accesses_with(permission))
        return self.filter(pk__in=seats.values("account_id"))

    def live(self) -> AccountQuerySet:
        """Neither archived nor merged into another."""
        return self.exclude(status__in=[Account.Status.ARCHIVED, Account.Status.MERGED])

    def matching(self, text: str) -> AccountQuerySet:
        """Every word of `text` begins a word of the name, accents and case aside; uses the full-text index."""
        query = beginning_of_words(text)
        return self.filter(search=query) if query else self


class Account(models.Model):
    """A customer that we manage, alone or as part of a group."""

    class Tier(models.TextChoices):
        NONE = "", "Not in the programme"
        KEY = "key", "Key"
        STRATEGIC = "strategic", "Strategic"
        GLOBAL = "global", "Global"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        PROSPECT = "prospect", "Prospect"
        ARCHIVED = "archived", "Archived"
        MERGED = "merged", "Merged into another"

    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="units")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="absorbed"
    )
    # The decided tier: written by one action of scoring with reason and date; scores only propose.
    tier = models.CharField(max_length=12, choices=Tier.choices, blank=True, default=Tier.NONE, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    industry = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    website = models.URLField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="owned_accounts"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    folded_name = models.GeneratedField(
        expression=folded("name"),
        output_field=models.CharField(max_length=400),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=SimpleVector(folded("name")),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: ClassVar[models.Manager[Account]] = models.Manager.from_queryset(AccountQuerySet)()

    confidentiality = classes(
        client="name country website",
        internal="parent merged_into tier status industry region currency owner created_at revision folded_name search",
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="account_has_a_name"),
            models.CheckConstraint(condition=~Q(parent=F("pk")) | Q(parent=None), name="account_is_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False) | (~Q(status="merged") & Q(merged_into=None)),
                name="merged_account_says_into_which",
            ),
            models.CheckConstraint(condition=Q(tier__in=["", "key", "strategic", "global"]), name="tier_is_known"),
        ]
        indexes = [
            GinIndex(fields=["search"], name="account_search"),
            models.Index(fields=["folded_name", "id"], name="account_by_name"),
            models.Index(fields=["tier", "id"], name="account_by_tier"),
            models.Index(tier_rank(), "folded_name", "id", name="account_by_rank"),
            models.Index(fields=["status", "tier"], name="account_counts"),
        ]

    def __str__(self) -> str:
        return self.name

    def accesses_of(self, user: User) -> frozenset[str]:
        """Seat accesses of `user` here. All open seats of a person are read once per request."""
        seats: dict[int, set[str]] | None = user.__dict__.get("_open_seats")
        if seats is None:
            seats = {}
            for account_id, access in user.seats.open().values_list("account_id", "access"):
                seats.setdefault(account_id, set()).add(access)
            user.__dict__["_open_seats"] = seats
        return frozenset(seats.get(self.pk, ()))


tracked(exclude=["folded_name", "search"])(Account)


@tracked()
class AccountKey(models.Model):
    """What another system calls an account: rows that carry the key land on it and roll up to the account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="keys")
    source = models.CharField("source system", max_length=40, default="import")
    key = models.CharField(max_length=120)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    confidentiality = classes(internal="account source key valid_from valid_to")

    class Meta:
        ordering = ["source", "key"]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="a_key_means_one_account"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="key_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"
