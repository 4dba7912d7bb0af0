"""Serializer pieces: ids scoped to the person, decimals as strings, no unknown names."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.encoding import force_str
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError

from sam.core.api.parsers import strict_json
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import HasTeam, can
from sam.core.models import User

MONEY_DIGITS, MONEY_PLACES = 18, 4


@extend_schema_field(OpenApiTypes.INT)
class ScopedPrimaryKeyField(serializers.RelatedField):  # type: ignore[type-arg]
    """An id in a body: looked up among what the person may see, whatever else exists.

    `queryset_for(user)` gives those rows. With `permission`, the person must also hold it on the row's account:
    an unseen row is "not found", a seen one without the permission is 403.
    """

    default_error_messages = {
        "incorrect_type": "Give an id, a whole number.",
        "does_not_exist": "Nothing with id {id} was found.",
    }

    def __init__(
        self, *, queryset_for: Callable[[User], QuerySet[Any]], permission: Permission | None = None, **options: Any
    ) -> None:
        self.queryset_for = queryset_for
        self.permission = permission
        if not options.get("read_only"):
            # The base class insists on a queryset; the person's own one is asked for each request.
            options["queryset"] = ()
        super().__init__(**options)

    def get_queryset(self) -> Any:
        user: User = self.context["request"].user
        return self.queryset_for(user)

    def use_pk_only_optimization(self) -> bool:
        return True

    def to_internal_value(self, data: Any) -> Model:
        number = self._id(data)
        found: Model | None = self.get_queryset().filter(pk=number).first()
        if found is None:
            self.fail("does_not_exist", id=number)
        if self.permission is not None and not can(self.context["request"].user, self.permission, on=team_of(found)):
            raise PermissionDenied
        return found

    def _id(self, data: Any) -> int:
        if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) <= 18:
            return int(data)
        if isinstance(data, int) and not isinstance(data, bool) and 0 <= data < 10**18:
            return data
        return self.fail("incorrect_type")

    def to_representation(self, value: Any) -> Any:
        return value.pk


def team_of(entry: Any) -> HasTeam | None:
    """The account whose team decides about `entry`: itself, or the one it belongs to."""
    if hasattr(entry, "accesses_of"):
        team: HasTeam = entry
        return team
    account = getattr(entry, "account", None)
    return account if account is not None and hasattr(account, "accesses_of") else None


class MoneyField(serializers.DecimalField):
    """An amount with up to 14 digits before and 4 after the point, sent as a string."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", MONEY_DIGITS)
        options.setdefault("decimal_places", MONEY_PLACES)
        super().__init__(coerce_to_string=True, **options)


@extend_schema_field(OpenApiTypes.DECIMAL)
class RatioField(serializers.Field):  # type: ignore[type-arg]
    """A computed ratio or share (0 to 1), unrounded, sent as a string in plain digits; read-only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Decimal | float | int) -> str:
        return plain_decimal(value)


def plain_decimal(value: Decimal | float | int) -> str:
    """All digits of `value` without an exponent. Raises ValueError for NaN and infinities."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite():
        raise ValueError("A number for the API must be finite.")
    return format(number, "f")


@extend_schema_field(OpenApiTypes.OBJECT)
class JsonTextField(serializers.Field):  # type: ignore[type-arg]
    """A JSON object: as it is in a JSON body, as text in a form that carries a file."""

    default_error_messages = {"not_an_object": "Give a JSON object.", "unreadable": "The JSON cannot be read: {reason}"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, str | bytes):
            try:
                data = strict_json(data)
            except ValueError as error:
                self.fail("unreadable", reason=force_str(error))
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class Strict(serializers.Serializer):  # type: ignore[type-arg]
    """Refuses names it does not know, so that a typing mistake is not a silent loss. Mixes with ModelSerializer."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted({str(name) for name in data} - set(self.fields) - {"csrfmiddlewaretoken"})
            if unknown:
                known = ", ".join(name for name, entry in self.fields.items() if not entry.read_only)
                raise ValidationError(
                    {name[:200]: f"This field is not known here. Known: {known}." for name in unknown}
                )
        return super().to_internal_value(data)
