"""Settings of the organisation, the permission table, the first start."""

from django.contrib import messages
from django.contrib.auth import login
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from sam.core.actions import organisation as actions
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import ROLES, SEAT_ACCESSES
from sam.core.errors import ActionRefused, FieldErrors, FileProblem, Stale
from sam.core.files import checked_logo, store_upload
from sam.core.forms import OrganisationForm, SetUpForm
from sam.core.models import Organisation, User
from sam.core.queries import permission_matrix
from sam.core.views.people import add_errors


@page(Permission.CONFIGURE)
def organisation_edit(request: SignedInRequest) -> HttpResponse:
    organisation = Organisation.objects.current()
    form = OrganisationForm(request.POST or None, request.FILES or None, instance=Organisation.objects.current())
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save_organisation(request, form)
            except FileProblem as problem:
                form.add_error("new_logo", problem.message)
            except FieldErrors as problem:
                add_errors(form, problem)
            except Stale:
                form.add_error(None, "Somebody else changed these settings meanwhile. Compare below, then save again.")
                typed = request.POST.copy()
                typed["revision"] = str(Organisation.objects.current().revision)
                form.data = typed
                status = 409
            else:
                messages.success(request, "The settings are saved.")
                return redirect("core:organisation-edit")
    context = {"form": form, "organisation": organisation, "stored": Organisation.objects.current()}
    return render(request, "core/organisation_edit.html", context, status=status)


def save_organisation(request: SignedInRequest, form: OrganisationForm) -> None:
    values = dict(form.cleaned_data)
    revision = values.pop("revision")
    upload = values.pop("new_logo")
    if upload:
        checked_logo(upload)
        values["logo"] = store_upload(upload, folder="logo").name
    actions.change_organisation(revision=revision, by=request.user, **values)


@require_POST
@page(Permission.CONFIGURE)
def mail_test(request: SignedInRequest) -> HttpResponse:
    actions.send_test_mail(by=request.user)
    messages.success(request, f"A test mail is on its way to {request.user.email}.")
    return redirect("core:organisation-edit")


def logo(request: HttpRequest) -> HttpResponse:
    """The logo stands on client pages and in mails' landing pages: anybody may fetch it."""
    name = Organisation.objects.current().logo
    if not name or not default_storage.exists(name):
        raise Http404
    kinds = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
    with default_storage.open(name, "rb") as file:
        response = HttpResponse(file.read(), content_type=kinds.get(name.rsplit(".", 1)[-1], "image/png"))
    response["Cache-Control"] = "public, max-age=3600"
    return response


@page(Permission.SIGNED_IN)
def permission_table(request: SignedInRequest) -> HttpResponse:
    """Who may do what: everybody may know the rules."""
    context = {"rows": permission_matrix(), "roles": ROLES.values(), "accesses": SEAT_ACCESSES.values()}
    return render(request, "core/permission_table.html", context)


def set_up(request: HttpRequest) -> HttpResponse:
    """First visit of an empty installation: makes the first admin. Gone as soon as anybody exists."""
    if User.objects.exists():
        return redirect("account_login")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            admin = actions.set_up(by=None, **form.cleaned_data)
        except FieldErrors as problem:
            add_errors(form, problem)
        except ActionRefused as problem:
            form.add_error(None, problem.message)
        else:
            login(request, admin, backend="sam.core.authentication.PersonBackend")
            return redirect("core:organisation-edit")
    return render(request, "core/set_up.html", {"form": form}, status=422 if form.errors else 200)
