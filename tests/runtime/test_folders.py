"""One data folder, one checkout, one supervisor."""

import os
from pathlib import Path

import pytest

from sam.runtime.folders import DataFolder, own_folder
from sam.runtime.options import Options, child_environment
from sam.runtime.problems import CannotStart


def test_only_one_has_the_folder(folder: DataFolder) -> None:
    other = DataFolder(folder.path, checkout=folder.checkout)
    assert not other.take("run")
    holder = other.holder()
    assert holder
    assert (holder.kind, holder.pid) == ("run", os.getpid())
    folder.release()
    assert other.take("manage")
    other.release()


def test_waiting_for_a_running_product_ends_at_once(folder: DataFolder) -> None:
    other = DataFolder(folder.path, checkout=folder.checkout)
    assert not other.take_within("run", 60, pause=lambda seconds: pytest.fail("nobody waits for script/run"))


def test_folder_of_another_checkout_is_refused(folder: DataFolder, place: Path) -> None:
    other = place / "other"
    other.mkdir()
    with pytest.raises(CannotStart, match="belongs to the checkout"):
        DataFolder(folder.path, checkout=other).prepare()


def test_folder_of_a_checkout_that_moved_goes_along(folder: DataFolder, place: Path) -> None:
    moved = folder.checkout.rename(place / "moved")
    DataFolder(folder.path, checkout=moved).prepare()
    assert (folder.path / "checkout").read_text() == f"{moved}\n"


def test_secret_is_made_once_and_for_us_alone(folder: DataFolder) -> None:
    secret = folder.secret("secret_key")
    assert len(secret) >= 50
    assert folder.secret("secret_key") == secret
    assert ((folder.path / "secret_key").stat().st_mode & 0o777) == 0o600


def test_nobody_else_can_list_the_folder(folder: DataFolder) -> None:
    assert not folder.path.stat().st_mode & 0o066
    assert (folder.logs.stat().st_mode & 0o777) == 0o700


def test_folder_planted_in_a_shared_place_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "planted").symlink_to(target)
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        own_folder(tmp_path / "planted")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_port_without_sense_is_refused_with_an_example(port: str) -> None:
    with pytest.raises(CannotStart, match="PORT=8001 script/run"):
        Options.read({"PORT": port})


def test_embedded_start_is_for_developers_and_brought_servers_are_not() -> None:
    embedded = Options.read({})
    brought = Options.read({"DATABASE_URL": "postgres://db/sam", "REDIS_URL": "redis://cache"})
    assert (embedded.embedded, embedded.demo) == (True, True)
    assert (brought.embedded, brought.demo) == (False, False)
    assert child_environment(embedded, {}, secret_key="k", servers={})["SAM_DEBUG"] == "1"
    assert child_environment(brought, {}, secret_key="k", servers={})["SAM_DEBUG"] == "0"


def test_what_the_person_set_wins_over_our_defaults() -> None:
    base = {"SECRET_KEY": "theirs", "SAM_DEBUG": "0", "SAM_DEMO": "0", "PGHOST": "elsewhere"}
    environment = child_environment(Options.read(base), base, secret_key="ours", servers={"REDIS_URL": "unix:///x"})
    assert environment["SECRET_KEY"] == "theirs"
    assert environment["SAM_DEBUG"] == "0"
    assert environment["SAM_DEMO"] == "0"
    assert environment["REDIS_URL"] == "unix:///x"
    assert "PGHOST" not in environment
