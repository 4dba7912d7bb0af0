"""The import in five steps: file, columns, check, import, report."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.actions.imports.batches import check_again, choose_columns, commit_import, start_import, undo_import
from accounts.domain.import_fields import ImportKind
from accounts.forms.imports import ColumnsForm, UploadForm
from accounts.models import ImportBatch
from accounts.models.imports import KEPT_DAYS, importable_kinds, may_import
from accounts.queries import imports as queries
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors, FileProblem
from sam.core.files import safe_filename, store, store_upload
from sam.core.spreadsheets import write_csv

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SAMPLES = {
    "accounts": (ImportKind.ACCOUNTS, "online_retail_accounts.csv", "4,372 customers of an online wholesaler"),
    "figures": (ImportKind.FINANCIALS, "online_retail_revenue_quarter.csv", "Their revenue in five quarters"),
}
Status = ImportBatch.Status
STEP = {
    Status.MAPPING: 2,
    Status.QUEUED: 3,
    Status.CHECKING: 3,
    Status.CHECKED: 3,
    Status.FAILED: 3,
    Status.IMPORTING: 4,
    Status.DONE: 5,
    Status.UNDOING: 5,
    Status.UNDONE: 5,
}


def see(url_name: str, *args: object) -> HttpResponse:
    """On to a page after a form was taken: the browser asks for it with GET."""
    response = HttpResponseRedirect(reverse(url_name, args=args))
    response.status_code = 303
    return response


def batch_for(request: SignedInRequest, batch_id: int) -> ImportBatch:
    visible = ImportBatch.objects.visible_to(request.user).select_related("created_by", "job")
    return get_object_or_404(visible, pk=batch_id)


@page(Permission.SIGNED_IN)
def import_list(request: SignedInRequest) -> HttpResponse:
    """Past imports, and the form that starts one."""
    if request.method == "POST":
        return _start(request)
    return _list(request, UploadForm(user=request.user, initial={"kind": request.GET.get("kind", "")}))


def _list(request: SignedInRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    kinds = importable_kinds(request.user)
    past = ImportBatch.objects.visible_to(request.user).select_related("created_by")
    samples = [
        {"key": key, "kind": kind.value, "file": file, "words": words}
        for key, (kind, file, words) in SAMPLES.items()
        if kind in kinds
    ]
    context = {
        "form": form,
        "kinds": kinds,
        "samples": samples,
        "page": Paginator(past, 20).get_page(request.GET.get("page")),
    }
    return render(request, "accounts/import_list.html", context, status=status)


def _start(request: SignedInRequest) -> HttpResponse:
    if not importable_kinds(request.user):
        raise PermissionDenied("Your role does not import data.")
    form = UploadForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _list(request, form, 422)
    data = form.cleaned_data
    try:
        stored = store_upload(data["file"], folder="imports")
        batch = start_import(
            by=request.user,
            kind=data["kind"],
            stored=stored,
            filename=data["file"].name,
            source=data["source"],
            as_of=data["as_of"],
            control_total=data["control_total"],
        )
    except FileProblem as problem:
        form.add_error("file", problem.message)
        return _list(request, form, 422)
    except FieldErrors as problem:
        for name, texts in problem.errors.items():
            form.add_error(name if name in form.fields else None, list(texts))
        return _list(request, form, 422)
    return see("accounts:import-detail", batch.pk)


@require_POST
@page(Permission.SIGNED_IN)
def import_sample(request: SignedInRequest, key: str) -> HttpResponse:
    """Check one of the example files at once."""
    if key not in SAMPLES:
        raise Http404
    kind, file, _ = SAMPLES[key]
    if not may_import(request.user, kind):
        raise PermissionDenied("Your role does not import this kind of data.")
    stored = store([(EXAMPLES / file).read_bytes()], folder="imports", suffix=".csv")
    batch = start_import(by=request.user, kind=kind, stored=stored, filename=file, check_at_once=True)
    return see("accounts:import-detail", batch.pk)


@page(Permission.SIGNED_IN)
def import_detail(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Where the import stands: progress, what the check found, or the report."""
    batch = batch_for(request, batch_id)
    if wants_partial(request):
        response = render(request, "accounts/_import_progress.html", {"batch": batch})
        if not batch.is_busy:
            response["HX-Refresh"] = "true"
        return response
    if batch.status == Status.MAPPING:
        return see("accounts:import-columns", batch.pk)
    context = {
        "batch": batch,
        "step": STEP[Status(batch.status)],
        "may_import": may_import(request.user, batch.kind),
        "may_map": bool(batch.columns),
        "kept_days": KEPT_DAYS,
        "account_kind": batch.kind == ImportKind.ACCOUNTS,
    }
    if batch.status in {Status.CHECKED, Status.DONE, Status.UNDONE}:
        context |= {
            "errors": queries.causes(batch, "error"),
            "warnings": queries.causes(batch, "warning"),
            "duplicates": queries.causes(batch, "duplicate"),
            "changes": queries.changes(batch),
            "kept": queries.kept_rows(batch) if batch.kept else (),
        }
    return render(request, "accounts/import_detail.html", context)


@page(Permission.SIGNED_IN)
def import_columns(request: SignedInRequest, batch_id: int) -> HttpResponse:
    """Which column is which field."""
    batch = batch_for(request, batch_id)
    if not may_import(request.user, batch.kind):
        raise PermissionDenied("Your role does not import this kind of data.")
    if not batch.columns or batch.status not in {Status.MAPPING, Status.CHECKED, Status.FAILED}:
        return see("accounts:import-detail", batch.pk)
    form = ColumnsForm(request.POST or None, batch=batch)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                choose_columns(batch=batch, mapping=form.mapping, options=form.options, by=request.user)
                return see("accounts:import-detail", batch.pk)
            except FieldErrors as problem:
                form.add_error(None, [text for texts in problem.errors.values() for text in texts])
            except ActionRefused as refused:
                messages.error(request, refused.message)
                return see("accounts:import-detail", batch.pk)
        status = 422
    return render(request, "accounts/import_columns.html", {"batch": batch, "form": form}, status=status)


@require_POST
@page(Permission.SIGNED_IN)
def import_check(request: SignedInRequest, batch_id: int) -> HttpResponse:
    batch = batch_for(request, batch_id)
    try:
        check_again(batch=batch, by=request.user)
    except ActionRefused as refused:
        messages.error(request, refused.message)
    return see("accounts:import-detail", batch.pk)


@require_POST
@page(Permission.SIGNED_IN)
def import_commit(request: SignedInRequest, batch_id: int) -> HttpResponse:
    batch = batch_for(request, batch_id)
    try:
        commit_import(batch=batch, by=request.user)
    except ActionRefused as refused:
        messages.error(request, refused.message)
    return see("accounts:import-detail", batch.pk)


@require_POST
@page(Permission.SIGNED_IN)
def import_undo(request: SignedInRequest, batch_id: int) -> HttpResponse:
    batch = batch_for(request, batch_id)
    try:
        undo_import(batch=batch, by=request.user)
    except ActionRefused as refused:
        messages.error(request, refused.message)
    return see("accounts:import-detail", batch.pk)


@page(Permission.SIGNED_IN)
def import_rejected(request: SignedInRequest, batch_id: int) -> HttpResponse | StreamingHttpResponse:
    """The rejected rows as CSV, ready to be corrected and sent again."""
    batch = batch_for(request, batch_id)
    if batch.removed_at is not None:
        messages.error(request, f"The rows were removed after {KEPT_DAYS} days.")
        return see("accounts:import-detail", batch.pk)
    header = [*batch.columns, "row in the file", "reason"]
    response = StreamingHttpResponse(write_csv(queries.rejected_rows(batch), header), content_type="text/csv")
    name = safe_filename(f"rejected {Path(batch.filename).stem}", ".csv")
    response["Content-Disposition"] = f'attachment; filename="{name.encode("ascii", "replace").decode()}"'
    return response
