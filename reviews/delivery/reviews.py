"""Mails about reviews: calendar entries to attendees, once per person and state of the review."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Contact
from reviews.delivery.calendars import agenda_text, calendar_entry
from reviews.models import Review
from sam.core.actions.messages import post_mail
from sam.core.models import Organisation, OutgoingMail, User
from sam.portal.rendering import language_of


def post_invitation(*, review: Review, to: User | Contact) -> OutgoingMail | None:
    """The review as it is now, for one calendar. None when this person has this state already, or has no address."""
    return _post(review, to, cancelled=False)


def post_cancellation(*, review: Review, to: User | Contact) -> OutgoingMail | None:
    """Take the review out of one calendar."""
    return _post(review, to, cancelled=True)


def _post(review: Review, to: User | Contact, *, cancelled: bool) -> OutgoingMail | None:
    if not to.email:
        return None
    guest = isinstance(to, Contact)
    name = to.full_name if isinstance(to, Contact) else to.display_name
    organisation = Organisation.objects.current()
    language = to.language if isinstance(to, Contact) else to.locale
    with translation.override(language_of(language)):
        # The mail's whole vocabulary: nothing else of review or account reaches the template.
        text = render_to_string(
            "reviews/mail/review_invitation.txt",
            {
                "cancelled": cancelled,
                "guest": guest,
                "name": name,
                "title": review.get_kind_display(),
                "client": review.account.name,
                "supplier": organisation.name,
                "date": review.date,
                "starts_at": review.starts_at,
                "zone": review.organiser.time_zone,
                "minutes": review.minutes,
                "place": review.place,
                "agenda": agenda_text(review),
                "organiser": review.organiser.display_name,
                "privacy_url": organisation.privacy_url,
                "imprint_url": organisation.imprint_url,
            },
        )
        words = {"title": review.get_kind_display(), "client": review.account.name, "day": f"{review.date:%d.%m.%Y}"}
        subject = (
            _("Called off: %(title)s %(client)s, %(day)s") if cancelled else _("%(title)s %(client)s, %(day)s")
        ) % words
    entry = calendar_entry(review, cancelled=cancelled, attendees=((name, to.email),))
    method = "CANCEL" if cancelled else "REQUEST"
    return post_mail(
        key=f"review-{review.pk}-{method.lower()}-{review.revision}-{'contact' if guest else 'user'}-{to.pk}",
        to=to.email,
        subject=subject,
        text=text,
        from_name=review.organiser.display_name,
        reply_to=review.organiser.email,
        attachments=[{"name": "review.ics", "type": f"text/calendar; method={method}", "text": entry}],
    )
