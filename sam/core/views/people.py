"""People administration."""

from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from sam.core.actions import people
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import ROLES
from sam.core.errors import ActionRefused, FieldErrors, FileProblem, Stale
from sam.core.forms import InviteFileForm, InviteForm, PersonForm, ReassignForm
from sam.core.holdings import holdings
from sam.core.models import User
from sam.core.spreadsheets import read_table


@page(Permission.PEOPLE_ADMIN)
def person_list(request: SignedInRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    found = User.objects.select_related("line_manager").order_by("-is_active", "display_name")
    if text:
        found = found.filter(Q(display_name__icontains=text) | Q(email__icontains=text))
    if request.GET.get("role") in ROLES:
        found = found.filter(role_key=request.GET["role"])
    context = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "q": text,
        "roles": ROLES.values(),
        "role": request.GET.get("role", ""),
    }
    return render(request, "core/person_list.html", context)


@page(Permission.PEOPLE_ADMIN)
def person_invite(request: SignedInRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = people.invite(by=request.user, **form.cleaned_data)
        except FieldErrors as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"{user} is invited. The mail with the link is on its way to {user.email}.")
            return redirect("core:person-detail", user.pk)
    context = {"form": form, "file_form": InviteFileForm(), "roles": ROLES.values()}
    return render(request, "core/person_invite.html", context, status=422 if form.errors else 200)


def add_errors(form: object, problem: FieldErrors) -> None:
    for name, texts in problem.errors.items():
        form.add_error(name if name in form.fields else None, list(texts))  # type: ignore[attr-defined]


@require_POST
@page(Permission.PEOPLE_ADMIN)
def person_invite_file(request: SignedInRequest) -> HttpResponse:
    form = InviteFileForm(request.POST, request.FILES)
    problems: list[str] = []
    invited: list[User] = []
    if form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            table = read_table(Path(upload.temporary_file_path()), upload.name)
            columns = [name.strip().lower() for name in table.columns]
            rows = [dict(zip(columns, row, strict=True)) for row in table.rows]
            invited = people.invite_many(rows=rows, by=request.user)
        except FileProblem as problem:
            problems = [problem.message]
        except FieldErrors as problem:
            problems = [f"{where}: {text}" for where, texts in problem.errors.items() for text in texts]
    else:
        problems = ["Choose a file first."]
    if problems:
        context = {"form": InviteForm(), "file_form": form, "file_problems": problems, "roles": ROLES.values()}
        return render(request, "core/person_invite.html", context, status=422)
    messages.success(request, f"{len(invited)} people are invited; their mails are on the way.")
    return redirect("core:person-list")


@page(Permission.PEOPLE_ADMIN)
def person_detail(request: SignedInRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User.objects.select_related("line_manager"), pk=user_id)
    form = PersonForm(request.POST or None, instance=get_object_or_404(User, pk=user_id))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                people.change_person(user=user, by=request.user, **form.cleaned_data)
            except FieldErrors as problem:
                add_errors(form, problem)
            except Stale:
                form.add_error(None, "Somebody else changed this person meanwhile. Reload to see their version.")
                status = 409
            except ActionRefused as problem:
                form.add_error(None, problem.message)
            else:
                messages.success(request, f"{user} is saved.")
                return redirect("core:person-detail", user.pk)
    held = [(kind.label, list(kind.held_by(user))) for kind in holdings()]
    context = {
        "person": user,
        "form": form,
        "reassign_form": ReassignForm(),
        "held": [(label, names) for label, names in held if names],
        "role": user.role,
    }
    return render(request, "core/person_detail.html", context, status=status)


@require_POST
@page(Permission.PEOPLE_ADMIN)
def person_deactivate(request: SignedInRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    try:
        people.deactivate(user=user, by=request.user)
        messages.success(request, f"{user} has no access any more, from now on.")
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return redirect("core:person-detail", user.pk)


@require_POST
@page(Permission.PEOPLE_ADMIN)
def person_reactivate(request: SignedInRequest, user_id: int) -> HttpResponse:
    user = people.reactivate(user=get_object_or_404(User, pk=user_id), by=request.user)
    messages.success(request, f"{user} can sign in again.")
    return redirect("core:person-detail", user.pk)


@require_POST
@page(Permission.PEOPLE_ADMIN)
def person_invite_again(request: SignedInRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User.objects.active(), pk=user_id)
    people.send_invitation(user=user, by=request.user)
    messages.success(request, f"A new link is on its way to {user.email}.")
    return redirect("core:person-detail", user.pk)


@require_POST
@page(Permission.PEOPLE_ADMIN)
def person_reassign(request: SignedInRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, pk=user_id)
    form = ReassignForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose who takes over.")
        return redirect("core:person-detail", user.pk)
    try:
        moved = people.reassign(from_user=user, to_user=form.cleaned_data["to"], by=request.user)
    except FieldErrors as problem:
        messages.error(request, " ".join(text for texts in problem.errors.values() for text in texts))
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        counts = ", ".join(f"{count} {label}" for label, count in moved.items() if count) or "nothing"
        messages.success(request, f"Handed over to {form.cleaned_data['to']}: {counts}.")
    return redirect("core:person-detail", user.pk)
