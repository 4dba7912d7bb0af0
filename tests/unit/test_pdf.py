"""HTML to PDF in a limited child. Nothing here needs a database."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import time
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from sam.core.pdf import LIMITS, PdfFailed, PdfFile, to_pdf
from sam.core.sandbox import MEGABYTE, ChildLimits

DOT = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d4944415478da63fccff0bf1e000582027f9e8a3c350000000049454e44ae426082"
    )
).decode()


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang=en><head><title>Pack</title>{head}</head><body>{body}</body></html>"


def words(pdf: PdfFile) -> str:
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.content)).pages)


class Spy(BaseHTTPRequestHandler):
    """Counts visits; `/jump` redirects, everything else is a picture."""

    visits: list[str] = []

    def do_GET(self) -> None:
        self.visits.append(self.path)
        self.send_response(302 if self.path.startswith("/jump") else 200)
        if self.path.startswith("/jump"):
            self.send_header("Location", "file:///etc/hostname")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def spy() -> Iterator[str]:
    Spy.visits.clear()
    server = HTTPServer(("127.0.0.1", 0), Spy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def own_files(tmp_path: Path, settings: Any) -> Path:
    """A folder of static files of our own."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATICFILES_FINDERS = []
    folder = tmp_path / "static"
    (folder / "pack").mkdir(parents=True)
    return folder


def test_pages_text_and_checksum_are_told() -> None:
    pdf = to_pdf(page("<h1>One</h1><h1 style='break-before: page'>Two</h1>"))
    assert pdf.pages == len(PdfReader(io.BytesIO(pdf.content)).pages) == 2
    assert pdf.sha256 == hashlib.sha256(pdf.content).hexdigest()
    assert "Two" in words(pdf)
    assert pdf.refused == ()


def test_text_with_markup_in_it_stays_text() -> None:
    text = '<script>alert(1)</script> & "Łódź"'
    assert '<script>alert(1)</script> & "Łódź"' in words(to_pdf(page(f"<p>{escape(text)}</p>")))


def test_lone_surrogates_do_not_stop_a_pack() -> None:
    assert "A?B" in words(to_pdf(page("<p>A\ud800B</p>")))


def test_data_addresses_are_shown() -> None:
    pdf = to_pdf(page(f"<img src='data:image/png;base64,{DOT}'>"))
    assert pdf.refused == ()
    assert len(PdfReader(io.BytesIO(pdf.content)).pages[0].images) == 1


WAYS_TO_ASK = [
    "<img src='{url}0'>",
    "<link rel=stylesheet href='{url}1'>",
    "<link rel=attachment href='{url}2'>",
    "<style>@import url('{url}3');</style>",
    "<style>@font-face {{ font-family: X; src: url('{url}4') }} body {{ font-family: X }}</style>",
    "<p style='background: url({url}5)'>x</p>",
    "<object data='{url}6'></object>",
    "<svg width=9 height=9><image href='{url}7' width=9 height=9 /></svg>",
    "<ul style='list-style-image: url({url}8)'><li>x</ul>",
]


@pytest.mark.parametrize("kind", ["file", "http", "redirect"])
def test_no_other_address_is_read_and_each_is_named(spy: str, tmp_path: Path, kind: str) -> None:
    for number in range(len(WAYS_TO_ASK)):
        (tmp_path / f"secret{number}").write_text("the secret word")
    url = {"file": f"{tmp_path.as_uri()}/secret", "http": f"{spy}/picture", "redirect": f"{spy}/jump"}[kind]
    pdf = to_pdf(page("<p>before</p>" + "".join(way.format(url=url) for way in WAYS_TO_ASK)))
    assert "before" in words(pdf)
    assert {address[-1] for address in pdf.refused} == set("012345678")
    assert Spy.visits == []
    assert b"the secret word" not in pdf.content
    assert PdfReader(io.BytesIO(pdf.content)).attachments == {}


def test_a_base_address_opens_no_other_place(spy: str) -> None:
    assert to_pdf(page("<img src='x.png'>", f"<base href='{spy}/'>")).refused == (f"{spy}/x.png",)
    assert Spy.visits == []


def test_the_spy_would_have_been_seen(spy: str) -> None:
    """The control of the test above: the same address answers when somebody really asks."""
    from urllib.request import urlopen

    with urlopen(f"{spy}/picture.png", timeout=5) as answer:
        assert answer.status == 200
    assert Spy.visits == ["/picture.png"]


@pytest.mark.parametrize("address", ["static:pack/dot.png", "static:/pack/dot.png", "/static/pack/dot.png"])
def test_our_static_files_are_shown(own_files: Path, address: str) -> None:
    (own_files / "pack" / "dot.png").write_bytes(base64.b64decode(DOT))
    pdf = to_pdf(page(f"<img src='{address}'>"))
    assert pdf.refused == ()
    assert len(PdfReader(io.BytesIO(pdf.content)).pages[0].images) == 1


def test_styles_from_static_files_apply_and_reach_their_neighbours(own_files: Path) -> None:
    (own_files / "pack" / "pack.css").write_text("h1 { break-before: page } body { background: url(dot.png) }")
    (own_files / "pack" / "dot.png").write_bytes(base64.b64decode(DOT))
    pdf = to_pdf(page("<p>a</p><h1>b</h1>", "<link rel=stylesheet href='/static/pack/pack.css'>"))
    assert (pdf.pages, pdf.refused) == (2, ())


def test_fonts_from_static_files_are_embedded(own_files: Path) -> None:
    library = Path(__file__).parents[2] / "node_modules/@fontsource-variable/inter/files"
    font = library / "inter-latin-wght-normal.woff2"
    assert font.is_file(), "npm ci puts the font there"
    (own_files / "pack" / "inter.woff2").write_bytes(font.read_bytes())
    style = (
        "<style>@font-face { font-family: OurFont; src: url(static:pack/inter.woff2) }"
        " p { font-family: OurFont }</style>"
    )
    pdf = to_pdf(page("<p>Quarterly review</p>", style))
    fonts = PdfReader(io.BytesIO(pdf.content)).pages[0]["/Resources"]["/Font"]
    names = {str(entry.get_object()["/BaseFont"]) for entry in fonts.values()}
    assert pdf.refused == ()
    assert any("OurFont" in name or "Inter" in name for name in names), names


def test_nothing_beside_the_static_folder_is_reached(own_files: Path) -> None:
    addresses = [
        "static:../secret.png",
        "static:pack/../../secret.png",
        "static:%2e%2e/secret.png",
        "/static/../secret.png",
        "/static/pack/%2e%2e/%2e%2e/secret.png",
        "static:pack/link.png",
        "static:pack/notes.txt",
        "static:pack/missing.png",
        "static://etc/hostname",
    ]
    secret = own_files.parent / "secret.png"
    secret.write_bytes(base64.b64decode(DOT))
    (own_files / "pack" / "notes.txt").write_text("x")
    (own_files / "pack" / "link.png").symlink_to(secret)
    pdf = to_pdf(page("".join(f"<img src='{address}'>" for address in addresses)))
    assert len(pdf.refused) == len(addresses)
    assert len(PdfReader(io.BytesIO(pdf.content)).pages[0].images) == 0


def test_document_that_needs_too_much_memory_ends_with_words() -> None:
    with pytest.raises(PdfFailed) as caught:
        to_pdf(page("<p>x</p>" * 40_000), limits=ChildLimits(seconds=60, cpu_seconds=60, memory=300 * MEGABYTE))
    assert caught.value.code == "too_big"
    assert "memory" in caught.value.message


def test_document_that_takes_too_long_ends_with_words() -> None:
    started = time.monotonic()
    with pytest.raises(PdfFailed) as caught:
        to_pdf(page("<p>x</p>" * 40_000), limits=ChildLimits(seconds=2, cpu_seconds=60, memory=LIMITS.memory))
    assert caught.value.code == "too_slow"
    assert time.monotonic() - started < 8


def test_document_that_writes_too_much_ends_with_words() -> None:
    with pytest.raises(PdfFailed) as caught:
        to_pdf(
            page("<p>x</p>" * 200), limits=ChildLimits(seconds=60, cpu_seconds=60, memory=LIMITS.memory, output=1000)
        )
    assert caught.value.code == "too_big"


def test_document_without_end_is_refused_before_it_is_rendered() -> None:
    with pytest.raises(PdfFailed) as caught:
        to_pdf("x" * (20 * MEGABYTE + 1))
    assert caught.value.code == "too_big"


def test_ten_pages_cost_little_more_than_the_renderer_alone() -> None:
    rows = "".join(f"<tr><td>Account {n}</td><td>{n * 3.5}</td><td>Owner {n}</td></tr>" for n in range(60))
    text = "Some words here and there. " * 60
    part = f"<section style='break-after: page'><h1>Part</h1><p>{text}</p><table>{rows}</table></section>"
    html = page(part * 5)
    started = time.monotonic()
    pdf = to_pdf(html)
    ours = time.monotonic() - started

    import weasyprint

    started = time.monotonic()
    weasyprint.HTML(string=html).write_pdf()
    alone = time.monotonic() - started
    assert 8 <= pdf.pages <= 16
    # Starting the child is about half a second; the rest is the same work.
    assert ours < 1.3 * alone + 1.5
