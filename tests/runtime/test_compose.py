"""docker-compose.yml is valid and runs what script/run runs. (No container engine is needed, and none is used.)"""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sam.runtime.options import CHECKOUT
from sam.runtime.supervisor import filled
from sam.runtime.table import MIGRATE, PREPARE, PROCESSES
from tests.runtime.compose_schema import SCHEMA

TEXT = (CHECKOUT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)
    return found


def test_file_keeps_to_the_compose_format(compose: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(compose)


@pytest.mark.parametrize("change", [{"comand": ["true"]}, {"restart": "sometimes"}, {"ports": ["http"]}])
def test_our_schema_notices_mistakes(compose: dict[str, Any], change: dict[str, Any]) -> None:
    services = {**compose["services"], "web": {**compose["services"]["web"], **change}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate({**compose, "services": services})


def test_commands_are_the_ones_script_run_starts(compose: dict[str, Any]) -> None:
    commands = {name: service["command"] for name, service in compose["services"].items() if "build" in service}
    table = {plan.name: list(filled(plan, Path("/data")).command) for plan in PROCESSES}
    assert commands == {**table, "migrate": list(MIGRATE), "prepare": list(PREPARE)}


def test_every_part_of_the_product_is_there_and_watched(compose: dict[str, Any]) -> None:
    lasting = {"postgres", "valkey", "web", "worker", "beat", "proxy"}
    once = {"migrate", "prepare"}
    assert set(compose["services"]) == lasting | once
    for name in lasting:
        assert "healthcheck" in compose["services"][name], name


def test_names_that_are_used_are_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service["networks"]) <= set(compose["networks"]), name
        named = {volume.split(":")[0] for volume in service.get("volumes", ())} - {"."}
        assert {volume for volume in named if not volume.startswith("./")} <= set(compose["volumes"]), name
        assert set(service.get("depends_on", ())) <= set(compose["services"]), name


def test_files_that_are_mounted_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            if volume.startswith("./"):
                assert (CHECKOUT / volume.split(":")[0]).is_file(), volume


def test_only_the_proxy_is_reachable_and_databases_have_no_way_out(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert compose["services"][name]["networks"] == ["inside"]
    assert "inside" not in compose["services"]["proxy"]["networks"]


def test_no_secret_has_a_default() -> None:
    used = re.findall(r"\$\{([A-Z0-9_]+)([^}]*)\}", TEXT)
    secret = {name for name, _ in used if re.search("PASSWORD|SECRET|KEY|EMAIL_URL", name)}
    assert {"SECRET_KEY", "POSTGRES_PASSWORD", "SAM_DB_PASSWORD", "SAM_PORTAL_DB_PASSWORD", "REDIS_PASSWORD"} <= secret
    for name, rest in used:
        if name in secret:
            assert rest in ("", ":-") or rest.startswith(":?"), name
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "SAM_DB_PASSWORD", "SAM_PORTAL_DB_PASSWORD", "REDIS_PASSWORD"):
        assert any(given == name and rest.startswith(":?") for given, rest in used), name


def test_example_settings_name_everything_that_is_asked_for() -> None:
    example = (CHECKOUT / ".env.example").read_text()
    for name in {name for name, _ in re.findall(r"\$\{([A-Z0-9_]+)([^}]*)\}", TEXT)}:
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name
    for line in re.findall(r"^(?:SECRET_KEY|\w*PASSWORD)=(.*)$", example, re.MULTILINE):
        assert line == "", "an example must not carry a secret that somebody could keep"


def test_application_containers_have_no_rights_to_spare(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat", "migrate", "prepare"):
        service = compose["services"][name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["environment"]["SAM_DEBUG"] == "0", name
    assert re.search(r"^USER sam$", (CHECKOUT / "Dockerfile").read_text(), re.MULTILINE)
