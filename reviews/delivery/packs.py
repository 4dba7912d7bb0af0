"""Mails to client people about a review pack: one link of their own, plain text, in their language, once per share."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reviews.models import PackShare, Review
from sam.core.actions.messages import post_mail
from sam.core.models import Organisation, OutgoingMail
from sam.portal.rendering import language_of


@dataclass(frozen=True, slots=True)
class PackAddresses:
    """The two links of a mail: to the pack, and to "please send me no more"."""

    pack: str
    stop: str


def post_pack_link(*, share: PackShare, review: Review, addresses: PackAddresses) -> OutgoingMail | None:
    """None when this person got this pack before."""
    organisation = Organisation.objects.current()
    contact = share.contact
    with translation.override(language_of(contact.language)):
        # The mail's whole vocabulary: nothing else of review, contact or account reaches the template.
        text = render_to_string(
            "reviews/mail/review_pack.txt",
            {
                "name": contact.full_name,
                "supplier": organisation.name,
                "organiser": review.organiser.display_name,
                "date": review.date,
                "pack_url": addresses.pack,
                "stop_url": addresses.stop,
                "expires_on": share.expires_at.date(),
                "privacy_url": organisation.privacy_url,
                "imprint_url": organisation.imprint_url,
            },
        )
        subject = _("For our review on %(day)s: the pages to read before") % {"day": f"{review.date:%d.%m.%Y}"}
    return post_mail(
        key=f"pack-{share.pack_id}-share-{share.pk}",
        to=contact.email,
        subject=subject,
        text=text,
        from_name=review.organiser.display_name,
        reply_to=review.organiser.email,
    )
