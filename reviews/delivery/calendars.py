"""Calendar entries of reviews (iCalendar): nothing in them that a guest may not read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from reviews.models import Review
from sam.core.models import Organisation

REMINDER = timedelta(days=-1)


def calendar_entry(review: Review, *, cancelled: bool = False, attendees: tuple[tuple[str, str], ...] = ()) -> str:
    """The review as one event. Its UID stays and its sequence grows, so that calendars replace what they have.

    `attendees` are (name, e-mail). A review without an hour is an all-day entry.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//SAM//Reviews//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    event = Event()
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    event.add("uid", f"review-{review.pk}@{host}")
    event.add("sequence", review.revision)
    event.add("dtstamp", timezone.now().astimezone(UTC).replace(microsecond=0))
    start, end = _span(review)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", summary_of(review))
    event.add("description", agenda_text(review))
    if review.place:
        event.add("location", review.place)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("organizer", _address(review.organiser.display_name, review.organiser.email), encode=False)
    for name, email in attendees:
        address = _address(name, email)
        address.params["partstat"] = vText("NEEDS-ACTION")
        address.params["rsvp"] = vText("TRUE")
        event.add("attendee", address, encode=False)
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary_of(review))
        alarm.add("trigger", REMINDER)
        event.add_component(alarm)
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def _span(review: Review) -> tuple[date | datetime, date | datetime]:
    if review.begins is None or review.ends is None:
        return review.date, review.date + timedelta(days=1)
    # UTC needs no time zone table in the file.
    return review.begins.astimezone(UTC), review.ends.astimezone(UTC)


def _address(name: str, email: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    address.params["cn"] = vText(name)
    return address


def summary_of(review: Review) -> str:
    supplier = Organisation.objects.current().name
    return f"{review.get_kind_display()}: {review.account.name} and {supplier}"


def agenda_text(review: Review) -> str:
    """The agenda as plain lines."""
    lines = [f"{item.minutes:>3} min  {item.title}" for item in review.items]
    return "\n".join(([f"Topic: {review.topic}", ""] if review.topic else []) + lines)
