"""The deployed form, as far as it can be checked without Docker: names, commands, variables."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from bonefit import env
from bonefit.embedded import Cluster, binaries
from bonefit.paths import BASE_DIR

COMPOSE = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
OURS = [name for name, service in SERVICES.items() if service.get("build") == "."]


def variables_read_by_settings() -> set[str]:
    """Every name that bonefit/settings.py hands to a reader of bonefit.env."""
    source = (BASE_DIR / "bonefit" / "settings.py").read_text()
    readers = "|".join(name for name in vars(env) if callable(getattr(env, name)))
    return set(re.findall(rf'env\.(?:{readers})\(\s*"([A-Z_]+)"', source))


def commands() -> list[list[str]]:
    """What our containers run: their commands, their checks, and the image's own."""
    image = re.search(r"^CMD (\[.*?\])", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)
    assert image
    found = [json.loads(image.group(1))]
    for name in OURS:
        service = SERVICES[name]
        if "command" in service:
            found.append(service["command"])
        if "healthcheck" in service:
            found.append(service["healthcheck"]["test"][1:])
    return found


def test_all_that_a_clinic_needs_is_a_service():
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat", "proxy"}
    assert set(OURS) == {"migrate", "web", "worker", "beat"}
    assert SERVICES["postgres"]["image"] == "postgres:18"


def test_only_the_proxy_is_published():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert [name for name, service in SERVICES.items() if "network_mode" in service] == []


def test_every_service_that_stays_up_says_whether_it_is_well():
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) == (name != "migrate"), name


def test_every_variable_of_our_containers_is_read_by_the_settings():
    known = variables_read_by_settings()
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} <= known
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= known, name


def test_every_value_that_must_be_given_is_listed_at_the_top():
    text = (BASE_DIR / "docker-compose.yml").read_text()
    used = set(re.findall(r"\$\{([A-Z_]+)", text))
    listed = set(re.findall(r"^#   ([A-Z_]+) ", text, re.MULTILINE))
    assert used == listed


def test_only_the_migration_knows_the_owners_password():
    holders = [n for n in OURS if "DATABASE_OWNER_URL" in SERVICES[n]["environment"]]
    assert holders == ["migrate"]
    assert "OWNER_PASSWORD" not in json.dumps(SERVICES["web"])


def test_what_a_service_waits_for_exists_and_can_say_that_it_is_ready():
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            needs = "healthcheck" if wait["condition"] == "service_healthy" else "command"
            assert needs in SERVICES[name]


def test_every_named_volume_is_declared_and_every_mounted_file_is_there():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (BASE_DIR / source).is_file(), source
            else:
                assert source in COMPOSE["volumes"]


def test_every_command_names_a_module_or_a_file_that_exists():
    for command in commands():
        assert command[0] == "python"
        if command[1] == "-m":
            assert find_spec(command[2]), command
        else:
            assert (BASE_DIR / command[1]).is_file(), command


@pytest.mark.parametrize("program", ["gunicorn", "worker", "beat"])
def test_the_programs_know_every_option_that_they_are_given(program: str):
    (command,) = [c for c in commands() if program in c]
    asked = [sys.executable, *command[1:4]] if program == "gunicorn" else [sys.executable]
    if program != "gunicorn":
        asked += command[1 : command.index(program) + 1]
    said = subprocess.run(
        [*asked, "--help"],
        cwd=BASE_DIR,
        env={**os.environ, "SECRET_KEY": "x", "DATABASE_URL": "postgresql://app@db/bonefit"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for option in command:
        if option.startswith("--") and option != "--app":
            assert option.split("=")[0] in said, option


def test_the_image_has_two_stages_the_lock_and_no_root():
    assert len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE)) == 2
    assert "--require-hashes --requirement requirements.txt" in DOCKERFILE
    last_user = re.findall(r"^USER (\w+)", DOCKERFILE, re.MULTILINE)[-1]
    assert last_user == "bonefit"
    assert DOCKERFILE.index("USER bonefit") < DOCKERFILE.index("CMD ")


def test_the_image_leaves_out_what_is_ours_alone():
    ignored = (BASE_DIR / ".dockerignore").read_text().splitlines()
    assert {".git", ".venv", "var", ".env", "tests"} <= set(ignored)
    for needed in ("bonefit", "programs", "sessions", "templates", "static", "manage.py"):
        assert needed not in ignored


def test_the_proxy_speaks_to_the_port_that_the_site_listens_on():
    assert "reverse_proxy web:8000" in (BASE_DIR / "deploy" / "Caddyfile").read_text()
    assert any("0.0.0.0:8000" in command for command in commands())


def test_the_passwords_script_gives_each_role_its_own(tmp_path: Path):
    cluster = Cluster(tmp_path / "postgres", for_tests=True)
    with cluster.using():
        socket = env.database(cluster.url())["HOST"]
        subprocess.run(
            ["sh", str(BASE_DIR / "deploy" / "passwords.sh")],
            env={
                "PATH": f"{binaries()}:{os.environ['PATH']}",
                "PGHOST": socket,
                "POSTGRES_DB": "bonefit",
                "OWNER_PASSWORD": "of-the-owner",
                "APP_PASSWORD": "it's of the app",
                "BACKUP_PASSWORD": "of-the-backup",
            },
            check=True,
            capture_output=True,
        )
        with cluster.connect() as superuser:
            rows = superuser.execute(
                "SELECT rolname, rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid "
                "WHERE rolname LIKE 'bonefit%' ORDER BY 1"
            ).fetchall()
    assert rows == [("bonefit_app", True), ("bonefit_backup", True), ("bonefit_owner", True)]
