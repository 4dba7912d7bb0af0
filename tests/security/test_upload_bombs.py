"""Files made to hurt, through the real import page: each ends soon with words, and the pages go on."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account, ImportBatch
from sam.core import jobs
from sam.core.models import User

SECONDS = 30


def archive(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return packed.getvalue()


def zip_bomb() -> bytes:
    """150 MB of nothing in a few kilobytes, dressed as a workbook."""
    row = b"<row><c><v>" + b"0" * 1_000_000 + b"</v></c></row>"
    return archive(
        **{
            "[Content_Types]_xml": b"<Types/>",
            "xl__workbook_xml": b"<workbook/>",
            "xl__worksheets__sheet1_xml": row * 150,
        }
    )


def laughs() -> bytes:
    """Entities that grow tenfold nine times."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    document = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><workbook>&a9;</workbook>'
    return archive(**{"[Content_Types]_xml": b"<Types/>", "xl__workbook_xml": document.encode()})


WIDE = ",".join(f"column {number}" for number in range(300)).encode() + b"\n" + b"," * 299 + b"\n"
HTML = b"<html><script>alert(1)</script><table><tr><td>external_id</td></tr></table></html>"
BOMBS: dict[str, tuple[str, Callable[[], bytes], bytes]] = {
    "zip bomb": ("list.xlsx", zip_bomb, b"unpack"),
    "laughs": ("list.xlsx", laughs, b""),
    "300 columns": ("list.csv", lambda: WIDE, b"300"),
    "HTML named .xlsx": ("list.xlsx", lambda: HTML, b"not an .xlsx"),
    "HTML named .csv": ("list.csv", lambda: HTML, b""),
    "one endless cell": ("list.csv", lambda: b"external_id,name\n1," + b"x" * 3_000_000, b""),
    "quotes that never close": ("list.csv", lambda: b'external_id,name\n1,"' + b"a\n" * 200_000, b""),
    "no table at all": ("list.csv", lambda: bytes(range(256)) * 2_000, b""),
}


def upload(client: Client, name: str, content: bytes) -> Any:
    return client.post("/imports/", {"kind": "accounts", "file": SimpleUploadedFile(name, content)})


def work() -> None:
    for batch in ImportBatch.objects.exclude(job=None):
        jobs.run(batch.job_id)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_made_to_hurt_ends_soon_with_words(bomb: str, ingrid: User, signed_in: Callable[[User], Client]) -> None:
    name, made, words = BOMBS[bomb]
    client, content = signed_in(ingrid), made()
    began = time.monotonic()
    answer = upload(client, name, content)
    if answer.status_code == 303:
        work()
        answer = client.get(answer["Location"], follow=True)
    assert time.monotonic() - began < SECONDS
    assert answer.status_code in (200, 422)
    assert words in answer.content
    batch = ImportBatch.objects.first()
    if batch is not None and bomb not in ("HTML named .csv", "no table at all"):
        assert batch.status == "failed"
        assert batch.problem
    assert b"<script>alert" not in answer.content
    assert not Account.objects.exists()
    assert client.get("/accounts/").status_code == 200


def test_a_good_file_is_taken(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    """Control: the same page and the same work take a file that is none."""
    client = signed_in(ingrid)
    answer = upload(client, "list.csv", b"external_id,name\n1,Alpha\n")
    work()
    page = client.get(answer["Location"], follow=True)
    assert b"Alpha" in page.content
    assert ImportBatch.objects.get().status == "mapping"
