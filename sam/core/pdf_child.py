"""Runs inside the limited child: WeasyPrint, and a fetcher that reaches our static files only."""

import gc
import json
import mimetypes
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote
from urllib.request import DataHandler, Request

import weasyprint
from weasyprint.urls import URLFetcher, URLFetcherResponse

READABLE = {".css", ".woff", ".woff2", ".ttf", ".otf", ".png", ".jpg", ".jpeg", ".webp", ".svg"}


class AddressRefused(ValueError):
    """An address outside what a document may use."""


class OwnFilesFetcher(URLFetcher):  # type: ignore[misc]
    """Answers `data:` addresses and our static files; opens no connection and follows nothing."""

    def __init__(self, prefixes: list[str], folders: list[str], files: dict[str, str]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.prefixes = prefixes
        self.folders = [Path(folder).resolve() for folder in folders]
        self.files = files
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url[:5].lower() == "data:":
            answer = DataHandler().data_open(Request(url))  # noqa: S310 - decodes the address itself, opens nothing
            return URLFetcherResponse(url, answer.read(), dict(answer.headers))
        place = self.place_of(url)
        if place is None:
            if len(self.refused) < 100:
                self.refused.append(url[:500])
            raise AddressRefused("This address is not one of our static files.")
        kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, place.read_bytes(), {"Content-Type": kind})

    def place_of(self, url: str) -> Path | None:
        for prefix in self.prefixes:
            if url.startswith(prefix):
                name = unquote(url[len(prefix) :].split("?")[0].split("#")[0]).lstrip("/")
                return self.file_named(name)
        return None

    def file_named(self, name: str) -> Path | None:
        if "\0" in name or Path(name).suffix.lower() not in READABLE:
            return None
        if name in self.files:
            return Path(self.files[name])
        for folder in self.folders:
            place = (folder / name).resolve()
            if place.is_relative_to(folder) and place.is_file():
                return place
        return None


def main(order: dict[str, Any], source: IO[bytes], result: IO[bytes]) -> None:
    # The process ends with the document: collecting garbage on the way costs time and frees little.
    gc.disable()
    fetcher = OwnFilesFetcher(order["prefixes"], order["folders"], order["files"])
    html = source.read().decode("utf-8")
    document = weasyprint.HTML(string=html, base_url=order["base"], url_fetcher=fetcher).render()
    content = document.write_pdf()
    result.write(json.dumps({"pages": len(document.pages), "refused": fetcher.refused}).encode() + b"\n")
    result.write(content)
