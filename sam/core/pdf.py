"""The one door from HTML to PDF: WeasyPrint in a limited child process."""

import hashlib
import json
import logging
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin

from django.conf import settings
from django.contrib.staticfiles import finders

from sam.core.sandbox import MEGABYTE, ChildLimits, ChildStopped, limited_child

logger = logging.getLogger(__name__)

# A loaded machine stretches a rendering six-fold, so these are generous.
LIMITS = ChildLimits(seconds=120, cpu_seconds=120, memory=2_048 * MEGABYTE, output=100 * MEGABYTE)
LARGEST_SOURCE = 20 * MEGABYTE
STATIC_SCHEME = "static:"


@dataclass(frozen=True)
class PdfFile:
    """A rendered document: its bytes, their SHA-256 in hex, the number of pages, and addresses not fetched."""

    content: bytes
    sha256: str
    pages: int
    refused: tuple[str, ...] = ()


class PdfFailed(Exception):
    """No PDF came out; `message` says why in words for the person who waits for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


STOPPED = {
    "time": PdfFailed("too_slow", "The PDF took longer than two minutes. Try again, or leave out some sections."),
    "memory": PdfFailed("too_big", "The PDF needs too much memory. Use smaller pictures, or leave out some sections."),
    "output": PdfFailed("too_big", "The PDF is too big. Use smaller pictures, or leave out some sections."),
    "crash": PdfFailed("failed", "The PDF could not be made. Try again; if it fails again, tell your administrator."),
}


def to_pdf(html: str, *, limits: ChildLimits = LIMITS) -> PdfFile:
    """Render a whole HTML document.

    Pictures, fonts and styles come from `data:` addresses, from `static:<path>` or from our static address
    (what `{% static %}` gives); any other address is left out and named in `refused`. Takes about half a second
    plus 0.2 s a page. Raises PdfFailed.
    """
    source_bytes = html.encode("utf-8", "replace")
    if len(source_bytes) > LARGEST_SOURCE:
        raise PdfFailed("too_big", "The document is too long for one PDF. Leave out some sections.")
    with tempfile.TemporaryFile() as source:
        source.write(source_bytes)
        source.seek(0)
        try:
            with limited_child("sam.core.pdf_child", _order(html), source, limits) as result:
                facts = json.loads(result.readline())
                content = result.read()
        except ChildStopped as stopped:
            logger.exception("Rendering a PDF stopped (%s)", stopped.reason, extra={"trace": stopped.trace})
            failure = STOPPED[stopped.reason]
            raise PdfFailed(failure.code, failure.message) from stopped
    if facts["refused"]:
        logger.warning("A PDF asked for addresses it may not have: %s", facts["refused"])
    return PdfFile(content, hashlib.sha256(content).hexdigest(), facts["pages"], tuple(facts["refused"]))


def _order(html: str) -> dict[str, object]:
    base = f"{settings.BASE_URL}/"
    static_address = urljoin(base, settings.STATIC_URL)
    folders = [Path(settings.STATIC_ROOT), *(Path(folder) for folder in settings.STATICFILES_DIRS)]
    return {
        "base": base,
        "prefixes": [STATIC_SCHEME, static_address],
        "folders": [str(folder) for folder in folders if folder.is_dir()],
        "files": _found_files(html, [STATIC_SCHEME, static_address, settings.STATIC_URL]),
    }


def _found_files(html: str, prefixes: list[str]) -> dict[str, str]:
    """Static files the document names that lie elsewhere than in a static folder, such as browser libraries."""
    named = re.findall(f"(?:{'|'.join(map(re.escape, prefixes))})([A-Za-z0-9_@./%-]+)", html)
    found = {}
    for name in {unquote(name).lstrip("/") for name in named if ".." not in unquote(name)}:
        place = finders.find(name)
        if isinstance(place, str):
            found[name] = place
    return found
