"""What each stored field is: the registry behind the client wall.

Every model names the class of each of its fields. A test fails for a field
without one; the marker-word sweep fills every field that is not `public` or
`client` with a marker and looks for it in whatever a client can get.
"""

from collections.abc import Mapping
from enum import StrEnum


class Confidentiality(StrEnum):
    PUBLIC = "public"
    CLIENT = "client"
    INTERNAL = "internal"
    FINANCE = "finance"
    OPINION = "opinion"
    SECRET = "secret"  # noqa: S105


def classes(**fields_by_class: str) -> Mapping[str, Confidentiality]:
    """`classes(client="name", internal="notes status")` → field name to class; a field named twice is an error."""
    found: dict[str, Confidentiality] = {}
    for key, names in fields_by_class.items():
        for name in names.split():
            if name in found:
                raise ValueError(f"{name} is classified twice")
            found[name] = Confidentiality(key)
    return found
