"""The secret of a link: 256 random bits that only the recipient has. We keep a keyed hash."""

import secrets

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "sam.portal.link"


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_public_id() -> str:
    """What stands in the clean address; it opens nothing."""
    return secrets.token_urlsafe(12)


def digest(token: str, key: str | None = None) -> str:
    """Keyed hash of a token, 64 hexadecimal characters: a stolen table opens nothing."""
    return salted_hmac(SALT, token, secret=key or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def digests(token: str) -> list[str]:
    """The hash under the current key and under those that are being retired."""
    return [digest(token, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
