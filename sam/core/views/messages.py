"""The bell, the search box, jobs, the audit trail, the embedded mailbox."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from sam.core import jobs, search
from sam.core.actions.messages import mark_read
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.models import Job, Notification, User
from sam.core.queries import kept_mail, kept_mails, trail

HITS_PER_SOURCE = 6


@page(Permission.SIGNED_IN)
def notification_list(request: SignedInRequest) -> HttpResponse:
    found = Notification.objects.filter(user=request.user)
    return render(
        request, "core/notification_list.html", {"page": Paginator(found, 30).get_page(request.GET.get("page"))}
    )


@require_POST
@page(Permission.SIGNED_IN)
def notification_read(request: SignedInRequest) -> HttpResponse:
    mark_read(user=request.user)
    return redirect("core:notification-list")


@page(Permission.SIGNED_IN)
def find(request: SignedInRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    groups = []
    for source in search.sources():
        hits = list(source.find(request.user, text, HITS_PER_SOURCE))
        if hits:
            groups.append((source.label, hits))
    template = "core/_search_results.html" if wants_partial(request) else "core/search.html"
    return render(request, template, {"q": text, "groups": groups})


@page(Permission.SIGNED_IN)
def job_detail(request: SignedInRequest, job_id: int) -> HttpResponse:
    """Progress of long work. Somebody who may not see the work gets 404: its name may say too much."""
    job = get_object_or_404(Job, pk=job_id)
    if not jobs.is_known(job.kind) or not jobs.kind_of(job).may_see(request.user, job):
        raise Http404
    kind = jobs.kind_of(job)
    context = {"job": job, "kind": kind, "target": kind.url(job)}
    if wants_partial(request):
        response = render(request, "core/_job_progress.html", context)
        if job.is_over:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "core/job_detail.html", context)


@page(Permission.AUDIT_VIEW)
def audit_trail(request: SignedInRequest) -> HttpResponse:
    """Who did what, installation-wide: names and verbs, not contents."""
    deeds, shown = trail(
        person=request.GET.get("person", ""), verb=request.GET.get("verb", ""), page=int_or_one(request.GET.get("page"))
    )
    context = {
        "deeds": deeds,
        "page": shown,
        "people": User.objects.all(),
        "person": request.GET.get("person", ""),
        "verb": request.GET.get("verb", ""),
    }
    return render(request, "core/audit_trail.html", context)


def int_or_one(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 1


def mailbox(request: HttpRequest) -> HttpResponse:
    """Mails of an installation without a mail server; exists with DEBUG only."""
    if not settings.MAILBOX:
        raise Http404
    return render(request, "core/mailbox.html", {"mails": kept_mails()})


def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    mail = kept_mail(name) if settings.MAILBOX else None
    if mail is None:
        raise Http404
    return render(request, "core/mailbox_mail.html", {"mail": mail})
