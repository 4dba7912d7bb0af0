"""Steps run when something changed, demo data is decided once."""

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from sam.runtime.folders import DataFolder
from sam.runtime.options import Options, child_environment
from sam.runtime.preparation import Preparation, fingerprint
from sam.runtime.problems import CannotStart
from tests.runtime.fake_product import make_product


@pytest.fixture
def options(folder: DataFolder) -> Options:
    make_product(folder.checkout)
    return Options(folder.checkout, folder.path, 8000, database_url="nowhere", redis_url="nowhere", demo=True)


def preparation(folder: DataFolder, options: Options) -> Preparation:
    base = {"PATH": os.environ["PATH"], "DATABASE_URL": "nowhere"}
    environment = child_environment(options, base, secret_key="k", servers={})
    return Preparation(folder, options, environment, say=print)


def calls(folder: DataFolder) -> list[str]:
    return [line.split()[0] for line in (folder.checkout / "calls").read_text().splitlines()]


def test_demo_declined_at_first_start_does_not_come_later(folder: DataFolder, options: Options) -> None:
    preparation(folder, dataclasses.replace(options, demo=False)).run()
    later = preparation(folder, options)
    later.run()
    assert "seed_demo" not in calls(folder)
    assert later.demo_people() is None


def test_demo_comes_once(folder: DataFolder, options: Options) -> None:
    preparation(folder, options).run()
    again = preparation(folder, options)
    again.run()
    assert calls(folder).count("seed_demo") == 1
    people = again.demo_people()
    assert people
    assert people.text() == "chatter on demo_people"
    kept = again.demo_people()
    assert kept
    assert kept.text() == "chatter on demo_people"
    assert calls(folder).count("demo_people") == 1


def test_demo_that_failed_is_tried_again(folder: DataFolder, options: Options) -> None:
    manage = folder.checkout / "manage.py"
    whole = manage.read_text()
    manage.write_text(f"{whole}\nif sys.argv[1] == 'seed_demo': sys.exit('half way')\n")
    with pytest.raises(CannotStart, match="half way"):
        preparation(folder, options).run()
    manage.write_text(whole)
    preparation(folder, options).run()
    assert calls(folder).count("seed_demo") == 2


def test_static_files_are_collected_when_one_changed(folder: DataFolder, options: Options) -> None:
    preparation(folder, options).static_files()
    preparation(folder, options).static_files()
    assert calls(folder) == ["collectstatic"]
    (folder.path / "static").rmdir()
    (folder.checkout / "static").mkdir()
    (folder.checkout / "static" / "page.css").write_text("body {}")
    preparation(folder, options).static_files()
    assert calls(folder) == ["collectstatic"] * 2


def test_unknown_database_is_always_brought_up_to_date(folder: DataFolder, options: Options) -> None:
    for _ in range(2):
        preparation(folder, options).database()
    assert calls(folder) == ["migrate", "prepare"] * 2


def test_fingerprint_leaves_out_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "accounts" / "static").mkdir(parents=True)
    before = fingerprint(tmp_path, ["*/static/**/*"])
    for foreign in (".data/static", ".venv/static", "node_modules/static"):
        (tmp_path / foreign).mkdir(parents=True)
        (tmp_path / foreign / "page.css").write_text(sys.version)
    assert fingerprint(tmp_path, ["*/static/**/*"]) == before
    (tmp_path / "accounts" / "static" / "page.css").write_text("body {}")
    assert fingerprint(tmp_path, ["*/static/**/*"]) != before
