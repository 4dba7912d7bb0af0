"""Where a button leads back to: an address that came with the form, if it is one of ours."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_address(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """`wanted` if it is a path of this site, else `otherwise`.

    Only paths: `redirect()` would look up any other word as the name of a view.
    """
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe else otherwise
