"""Keys to the API."""

from django.utils import timezone

from sam.core.audit import action
from sam.core.authentication import digest, new_key, remember
from sam.core.errors import FieldErrors
from sam.core.models import ApiToken, User


@action("created an API token")
def create_token(*, user: User, name: str, by: User) -> tuple[ApiToken, str]:
    """A new token; the key is returned once and never stored."""
    if not name.strip():
        raise FieldErrors({"name": "Say what the token is for, for example “nightly import”."})
    key = new_key()
    token = ApiToken.objects.create(user=user, name=name.strip()[:80], digest=digest(key))
    # Its first call shall not count as a guess; noted early: a token that is rolled back is looked up in vain.
    remember(token.digest)
    return token, key


@action("revoked an API token")
def revoke_token(*, token: ApiToken, by: User) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
