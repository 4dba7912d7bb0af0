"""One's own pages: profile, theme, API tokens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from sam.core.actions.people import change_profile
from sam.core.actions.tokens import create_token, revoke_token
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.forms import ProfileForm, TokenForm
from sam.core.going_back import own_address

THEMES = {"light", "dark", "system"}


@page(Permission.SIGNED_IN)
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        change_profile(user=request.user, by=request.user, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("core:profile")
    if form.is_bound:
        request.user.refresh_from_db()  # a ModelForm has written the rejected values into the object the menu shows
    context = {"form": form, "token_form": TokenForm(), "tokens": request.user.api_tokens.filter(revoked_at=None)}
    return render(request, "core/profile.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.SIGNED_IN)
def theme_change(request: SignedInRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        change_profile(user=request.user, by=request.user, theme=chosen)
    return redirect(own_address(request, request.POST.get("next", ""), otherwise="/"))


@require_POST
@page(Permission.SIGNED_IN)
def token_create(request: SignedInRequest) -> HttpResponse:
    """Shows the key once, on the answer itself: it is stored nowhere, not even in the session."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say what the token is for, then create it.")
        return redirect("core:profile")
    token, key = create_token(user=request.user, name=form.cleaned_data["name"], by=request.user)
    return render(request, "core/token_created.html", {"token": token, "key": key})


@require_POST
@page(Permission.SIGNED_IN)
def token_revoke(request: SignedInRequest, token_id: int) -> HttpResponse:
    revoke_token(token=get_object_or_404(request.user.api_tokens, pk=token_id), by=request.user)
    messages.success(request, "The token no longer works.")
    return redirect("core:profile")
