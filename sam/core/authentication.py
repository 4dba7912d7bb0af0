"""Who is asking: the session's person, or a token's. Accounts are by invitation only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from sam.core import limits
from sam.core.audit import person_id
from sam.core.models import ApiToken, User

# Wrong API tokens that one address may send in a minute; an IPv6 /64 four times that.
WRONG_TOKENS = 20
# How long a right token is remembered as one, in seconds.
REMEMBERED = 30 * 24 * 3600


def display_name(user: User) -> str:
    return user.display_name


class PersonBackend(ModelBackend):
    """Loads the session's person; allauth checks the password. An inactive person is nobody on the next request."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None


class InvitedOnlyAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up; and outside a demo, nobody signs in with a demo person's known password."""

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        if user.is_demo and not settings.DEMO_PEOPLE_MAY_SIGN_IN:
            raise PermissionDenied("This is a demo person. They cannot sign in on a production installation.")
        return super().pre_login(request, user, **kwargs)  # type: ignore[no-any-return]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class InvitedOnlySocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A person from the company's sign-in is matched to an invited one by verified e-mail; nobody new is made."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


def digest(key: str) -> str:
    """Keyed hash of a token: a stolen table opens nothing."""
    return hmac.new(settings.SECRET_KEY.encode(), key.encode(), hashlib.sha256).hexdigest()


def new_key() -> str:
    return secrets.token_urlsafe(32)


def remember(mark: str) -> None:
    """Note that a token with this digest is right. It opens nothing: such a token is looked up like any other."""
    cache.set(f"right-token:{mark}", 1, timeout=REMEMBERED)


def find_token(mark: str) -> ApiToken | None:
    """The token with this digest, unless it was revoked or its person is inactive."""
    return ApiToken.objects.select_related("user").filter(digest=mark, revoked_at=None, user__is_active=True).first()


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token <key>` (or `Bearer <key>`).

    Wrong ones are counted per address before they are looked up, so that a parallel burst tries no more. A token
    that was right before is not counted: somebody else's wrong ones, from the same address, do not shut it out.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() not in {"token", "bearer"}:
            return None
        mark, address = digest(key.strip()), limits.address_of(request)
        is_known = cache.get(f"right-token:{mark}") is not None
        if not is_known and not limits.within("token", address, WRONG_TOKENS):
            raise exceptions.Throttled(limits.WINDOW, "Too many wrong tokens came from your network.")
        token = find_token(mark)
        if token is None:
            cache.delete(f"right-token:{mark}")
            raise exceptions.AuthenticationFailed("This token is not valid. Create a new one on your profile page.")
        if not is_known:
            remember(mark)
            limits.give_back("token", address)
        person_id.set(token.user.pk)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"
