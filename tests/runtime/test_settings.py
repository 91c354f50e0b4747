"""Deployed settings come from the environment, refuse to guess, and know nothing of the demo."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import override_settings

from bonefit import env, settings
from bonefit.paths import BASE_DIR

DEPLOYED = {
    "DJANGO_SETTINGS_MODULE": "bonefit.settings",
    "SECRET_KEY": "a long and random key that only this test uses: 0123456789 abcdefghijkl",
    "DATABASE_URL": "postgresql://bonefit_app:secret@db.example/bonefit",
    "ALLOWED_HOSTS": "clinic.example",
    "CSRF_TRUSTED_ORIGINS": "https://clinic.example",
    "SITE_URL": "https://clinic.example",
    "REDIS_URL": "redis://redis.example:6379/0",
}


def deployed(*arguments: str, without: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """A Python under the deployed settings."""
    environment = {"PATH": os.environ["PATH"], **DEPLOYED, **more}
    environment.pop(without, None)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_finds_nothing_to_say():
    done = deployed("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_what_has_no_default_is_asked_for_by_name(name: str):
    done = deployed("-c", "import bonefit.settings", without=name)
    assert done.returncode != 0
    assert f"Set the environment variable {name}: it has no default." in done.stderr


def test_cookies_are_taken_from_this_host_over_https_only():
    """A browser takes a cookie named ``__Host-`` only if it is secure, of one host and of "/"."""
    code = (
        "import json; from bonefit import settings; from django.conf import global_settings\n"
        "names = [f'{kind}_COOKIE_{what}' for kind in ('SESSION', 'CSRF')\n"
        "  for what in ('NAME', 'SECURE', 'DOMAIN', 'PATH', 'SAMESITE')]\n"
        "print(json.dumps({name: getattr(settings, name, getattr(global_settings, name))\n"
        "  for name in names}))"
    )
    found = json.loads(deployed("-c", code).stdout)
    assert found == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        **{f"{kind}_COOKIE_SECURE": True for kind in ("SESSION", "CSRF")},
        **{f"{kind}_COOKIE_DOMAIN": None for kind in ("SESSION", "CSRF")},
        **{f"{kind}_COOKIE_PATH": "/" for kind in ("SESSION", "CSRF")},
        **{f"{kind}_COOKIE_SAMESITE": "Lax" for kind in ("SESSION", "CSRF")},
    }


def test_deployed_settings_have_no_demo_in_them():
    code = (
        "import json, django; django.setup()\n"
        "from django.apps import apps; from django.conf import settings\n"
        "from django.urls import get_resolver, URLPattern\n"
        "def walk(node, before=''):\n"
        "    for part in node.url_patterns:\n"
        "        if isinstance(part, URLPattern): yield before + str(part.pattern)\n"
        "        else: yield from walk(part, before + str(part.pattern))\n"
        "print(json.dumps({'apps': [a.name for a in apps.get_app_configs()],\n"
        "  'urls': list(walk(get_resolver())), 'debug': settings.DEBUG,\n"
        "  'mail': settings.EMAIL_BACKEND, 'broker': settings.CELERY_BROKER_URL}))"
    )
    done = deployed("-c", code)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "bonefit.demo" not in found["apps"]
    assert [address for address in found["urls"] if "demo" in address] == []
    assert "healthz/" in found["urls"]
    assert found["debug"] is False
    assert found["mail"].endswith("smtp.EmailBackend")
    assert found["broker"] == "redis://redis.example:6379/0"


def test_migrate_is_the_owners_and_everything_else_the_apps():
    ask = "from bonefit import settings; print(settings.DATABASES['default']['USER'])"
    owner = {"DATABASE_OWNER_URL": "postgresql://bonefit_owner@db.example/bonefit"}
    assert deployed("-c", ask, **owner).stdout == "bonefit_app\n"
    assert deployed("-c", ask, DATABASE_ROLE="owner", **owner).stdout == "bonefit_owner\n"


@pytest.mark.usefixtures("settings")
def test_static_files_can_be_collected_under_hashed_names(tmp_path: Path):
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=settings.STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    for source in (BASE_DIR / "static").rglob("*.css"):
        name = source.relative_to(BASE_DIR / "static").as_posix()
        assert (tmp_path / manifest["paths"][name]).exists()
    for module in ("js/app.js", "js/board/board.js", "js/board/queue.js"):
        text = (tmp_path / manifest["paths"][module]).read_text()
        named = re.findall(r"""(?:from |import\()["'](\./[^"']+)["']""", text)
        assert named
        assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in named), named


@pytest.mark.parametrize("value", ["0", "no", "True", "yes", "1"])
def test_only_true_and_false_are_true_and_false(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("FLAG", value)
    with pytest.raises(ImproperlyConfigured, match="FLAG must be true or false"):
        env.boolean("FLAG")
    monkeypatch.setenv("FLAG", "true")
    assert env.boolean("FLAG") is True
    monkeypatch.setenv("FLAG", " ")
    assert env.boolean("FLAG", True) is True


@pytest.mark.parametrize("value", ["-1", "11", "1.5", "ten", "١١"])
def test_a_number_outside_its_range_is_refused(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("COUNT", value)
    with pytest.raises(ImproperlyConfigured, match="COUNT must be a whole number from 0 to 10"):
        env.integer("COUNT", low=0, high=10)


def test_a_word_outside_its_list_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ROLE", "root")
    with pytest.raises(ImproperlyConfigured, match="ROLE must be one of app, owner, not 'root'"):
        env.choice("ROLE", ["app", "owner"])
    monkeypatch.setenv("HOSTS", "a.example, b.example,")
    assert env.words("HOSTS") == ["a.example", "b.example"]


def test_an_address_of_a_database_is_taken_apart():
    assert env.database("postgresql://me:p%40ss@db.example:5433/clinic?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "clinic",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }
    on_a_socket = env.database("postgresql://app@/clinic?host=/run/a%20folder")
    assert (on_a_socket["HOST"], on_a_socket["PORT"]) == ("/run/a folder", "")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://me@db.example/clinic", "must start with postgres:// or postgresql://"),
        ("postgresql://me:secret@db.example/", "must name a database"),
        ("postgresql://me:secret@db.example:port/clinic", "cannot|not an address"),
    ],
)
def test_a_bad_address_is_refused_and_its_password_not_repeated(address: str, sentence: str):
    with pytest.raises(ImproperlyConfigured, match=sentence) as refusal:
        env.database(address)
    assert "secret" not in str(refusal.value)


def test_an_address_of_a_mail_server_is_taken_apart():
    mail = env.mail("smtp+tls://me:p%2Fss@mail.example")
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"]) == ("mail.example", 587)
    assert (mail["EMAIL_USE_TLS"], mail["EMAIL_USE_SSL"]) == (True, False)
    assert mail["EMAIL_HOST_PASSWORD"] == "p/ss"
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must start with smtp://"):
        env.mail("mail.example")


@pytest.mark.soak
def test_any_password_comes_back_from_an_address_as_it_was_put_in(soak):
    from urllib.parse import quote

    for case in soak(50_000, 500):
        random = soak.random(case)
        password = "".join(chr(random.randint(33, 0x2FF)) for _ in range(random.randint(1, 40)))
        address = f"postgresql://app:{quote(password, safe='')}@db.example/clinic"
        assert env.database(address)["PASSWORD"] == password
