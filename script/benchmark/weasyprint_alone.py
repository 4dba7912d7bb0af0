"""HTML to PDF with WeasyPrint and nothing else: order.json, source, target. The floor for review packs."""

import json
import sys
from pathlib import Path

import weasyprint  # noqa: TID251 - the floor is the library without our door
from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: TID251


class StaticFiles(URLFetcher):  # type: ignore[misc]
    """Fonts from the named files, so that the floor draws the same letters."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        for prefix in order["prefixes"]:
            name = url.removeprefix(prefix).lstrip("/")
            places = [order["files"].get(name, ""), *(f"{folder}/{name}" for folder in order["folders"])]
            for place in places:
                if url.startswith(prefix) and place and Path(place).is_file():
                    return URLFetcherResponse(url, Path(place).read_bytes())
        raise ValueError(url)


order = json.loads(Path(sys.argv[1]).read_text())
html = Path(sys.argv[2]).read_text()
weasyprint.HTML(string=html, base_url=order["base"], url_fetcher=StaticFiles()).write_pdf(sys.argv[3])
