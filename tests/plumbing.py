"""Databases, servers and a browser for the tests: a pytest plugin that conftest.py registers.

Fixtures for others: ``demo_site`` and ``fresh_demo_site`` (a seeded site in a real web server),
``redis_server``, ``celery_worker_process``, ``soak``. Tests run as the database's *app* role.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from redis import Redis

from bonefit.embedded import Cluster
from tests import servers, soaking
from tests.browsers import PATIENCE, system_browser
from tests.daylight import daylight
from tests.in_sight import see_everything
from tests.long_classes import lengthen
from tests.servers import MIGRATED, SEEDED, Databases, Site, Worker
from tests.soaking import soak  # noqa: F401 - a fixture

# Functions that put back rows which every test may count on. They run after the migrations and
# after each test that commits, because tests/emptied.py empties all tables then.
REFERENCE_ROWS: list[Callable[[], None]] = []

NO_BROWSER = "No Chromium can be had here, so the browser tests did not run"
NO_REDIS = "No Redis can be had here, so the tests of the queue did not run"
_FOLDER = pytest.StashKey[Path]()
_CLUSTER = pytest.StashKey[Cluster]()


# --- one cluster per test run -------------------------------------------------------------------
def pytest_configure(config: pytest.Config) -> None:
    """The main process owns the cluster; xdist workers are told where it is."""
    # Playwright's loop runs in the thread of the test, and Django takes that for an async view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if hasattr(config, "workerinput"):
        config.stash[_FOLDER] = Path(config.workerinput["folder"])
        return
    config.pluginmanager.register(soaking.Reporter())
    config.stash[_FOLDER] = Path(tempfile.mkdtemp(prefix="bonefit-test-run-"))
    if getattr(config.option, "numprocesses", None) and not config.option.collectonly:
        _cluster(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by xdist in the main process, for each worker."""
    node.workerinput["folder"] = str(node.config.stash[_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster and leave nothing behind."""
    if _CLUSTER in config.stash:
        config.stash[_CLUSTER].release()
        del config.stash[_CLUSTER]
    if _FOLDER in config.stash and not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)


def _cluster(config: pytest.Config) -> Cluster:
    """The cluster, started when the first test asks for it."""
    if _CLUSTER not in config.stash:
        cluster = Databases(config.stash[_FOLDER]).cluster
        cluster.acquire(dies_with_us=not hasattr(config, "workerinput"))
        config.stash[_CLUSTER] = cluster
    return config.stash[_CLUSTER]


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """The running cluster of this test run."""
    _cluster(pytestconfig)
    return Databases(pytestconfig.stash[_FOLDER])


# --- the database of the tests ------------------------------------------------------------------
def use(role: str, database: str, cluster: Cluster) -> None:
    """Point Django's default connection at ``database``. Threads started later follow."""
    from django.db import connection

    from bonefit import env
    from sessions.reports import planned

    connection.close()
    planned.forget()  # the same keys are other rows there
    address = env.database(cluster.url(role, database))
    for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
        connection.settings_dict[key] = address[key]


def _put_back_reference_rows() -> None:
    for put_back in REFERENCE_ROWS:
        put_back()


@pytest.fixture(scope="session")
def migrated(
    databases: Databases, django_test_environment: None, django_db_blocker: Any
) -> Iterator[str]:
    """The template that every test database is copied from: all migrations, run by the owner."""
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command
    from django.db import connection

    def build(database: str) -> None:
        use("bonefit_owner", database, databases.cluster)
        call_command("migrate", interactive=False, verbosity=0)
        use("bonefit_app", database, databases.cluster)
        _put_back_reference_rows()
        connection.close()
        ContentType.objects.clear_cache()

    with django_db_blocker.unblock():
        yield databases.once(MIGRATED, build)


@pytest.fixture(scope="session")
def django_db_setup(
    databases: Databases, migrated: str, django_db_blocker: Any, worker_name: str
) -> Iterator[None]:
    """Replaces pytest-django's own: this worker's clone of the template, used as the app role."""
    from django.db import connections

    see_everything()
    database = databases.clone(migrated, f"test_{worker_name}")
    use("bonefit_app", database, databases.cluster)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(scope="session")
def worker_name(pytestconfig: pytest.Config) -> str:
    """``gw0``, ``gw1`` … under xdist, else ``main``."""
    workerinput: dict[str, Any] = getattr(pytestconfig, "workerinput", {})
    return str(workerinput.get("workerid", "main"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """After a test that committed, every table has been emptied."""
    yield
    if REFERENCE_ROWS and commits(item):
        blocker = item.config.stash[_blocker_key()]
        with blocker.unblock():
            _put_back_reference_rows()


def _blocker_key() -> Any:
    from pytest_django.plugin import blocking_manager_key

    return blocking_manager_key


def commits(item: pytest.Item) -> bool:
    """Whether what the test writes is there for other connections, and is emptied after it."""
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return (
        bool(marker and marker.kwargs.get("transaction"))
        or "transactional_db" in names
        or "live_server" in names
    )


# --- a seeded site ------------------------------------------------------------------------------
daylight()  # before the workers start, which inherit it


@pytest.fixture(scope="session")
def seeded(databases: Databases, migrated: str) -> str:
    """The template with the demo clinics in it, made by ``manage.py seed_demo``, once per run."""

    def build(database: str) -> None:
        now = datetime.now(UTC)
        more = {
            **databases.environment(database),
            "DJANGO_SETTINGS_MODULE": "bonefit.demo.settings",
            "VAR_DIR": str(databases.folder / "seed"),
        }
        here = ("--timezone", str(daylight()), "--now", now.isoformat())
        servers.manage("seed_demo", *here, **more)
        lengthen(databases.cluster, database, now=now)

    return databases.once(SEEDED, build, of=migrated)


@pytest.fixture(scope="session")
def demo_site(databases: Databases, seeded: str, worker_name: str) -> Iterator[Site]:
    """The demo in a real web server, shared by this worker's tests: ``url``, ``database_url`` …"""
    database = databases.clone(seeded, f"demo_{worker_name}")
    with servers.running_site(databases, database) as site:
        yield site


@pytest.fixture(scope="session")
def changing_site(databases: Databases, seeded: str, worker_name: str) -> Iterator[Site]:
    """The site behind ``fresh_demo_site``: one for all tests of a worker."""
    database = databases.clone(seeded, f"fresh_{worker_name}")
    with servers.running_site(databases, database) as site:
        yield site
    databases.cluster.drop_database(database)


@pytest.fixture
def fresh_demo_site(databases: Databases, seeded: str, changing_site: Site) -> Site:
    """The demo as it was seeded, for one test that changes much."""
    databases.clone(seeded, changing_site.database)
    changing_site.forget()
    return changing_site


# --- the queue ----------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A real Redis; its ``REDIS_URL``."""
    binary = servers.redis_binary()
    if binary is None:
        pytest.skip(NO_REDIS)
    with servers.running_redis(binary) as address:
        yield address


@pytest.fixture
def celery_worker_process(
    transactional_db: None,
    redis_server: str,
    databases: Databases,
    worker_name: str,
    tmp_path: Path,
) -> Iterator[Worker]:
    """A real worker under the deployed settings, on this test's database: what it does commits.

    Its queue is empty: a message that an earlier test's worker could not acknowledge before it was
    stopped is delivered again, and would be done on this test's rows.
    """
    with Redis.from_url(redis_server) as queue:
        queue.flushall()
    worker = Worker(redis_server, databases.environment(f"test_{worker_name}"), tmp_path)
    yield worker
    worker.process.stop()


# --- the browser --------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], playwright: Any
) -> dict[str, Any]:
    """The system's Chromium, else Playwright's own."""
    expect.set_options(timeout=PATIENCE)
    found = system_browser()
    if found is None and not Path(playwright.chromium.executable_path).exists():
        pytest.skip(NO_BROWSER)
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    quiet += ["--disable-sync", "--no-first-run"]
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")  # Chromium's sandbox refuses to run as root
    launch = {**browser_type_launch_args, "args": quiet}
    return {**launch, "executable_path": found} if found else launch


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """The browser whose pages all wait with patience; Playwright itself gives up after 30 s."""
    make = browser.new_context

    def patient(**options: Any) -> BrowserContext:
        context = make(**options)
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        return context

    browser.new_context = patient  # type: ignore[method-assign]
    return browser


# --- a skip is said aloud -----------------------------------------------------------------------
def _skips(config: pytest.Config) -> dict[str, int]:
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    reasons: dict[str, int] = {}
    for report in reporter.stats.get("skipped", []) if reporter else []:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    return reasons


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On a build server everything can be had, so a skip there hides something."""
    in_main_process = not hasattr(session.config, "workerinput")
    if in_main_process and os.environ.get("CI") == "true" and _skips(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One loud line per reason."""
    for reason, count in _skips(config).items():
        terminalreporter.write_line(f"SKIPPED, {count} test(s): {reason}.", red=True, bold=True)
    if os.environ.get("CI") == "true" and _skips(config):
        terminalreporter.write_line("With CI=true a skip is a failure.", red=True, bold=True)
