"""Two replicas and four behind Debian's nginx, with the files of deploy/: a store on PostgreSQL, a warehouse only read."""

import asyncio
import re
import shutil
import ssl
import time
from dataclasses import dataclass
from threading import Event

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from analytics.access.personas import PERSONAS
from analytics.warehouse.versions import current_version, point_to
from tests.e2e.conftest import Visit
from tests.e2e.provider.running import Provider, sign_in
from tests.e2e.replicas import Nginx, Replica, free_ports
from tests.e2e.test_main_job import save_recipe
from tests.newer import newer
from tests.visitor import finished, visitor

LI = PERSONAS[0].email
COOKIE = "clientele_replica"
A_MINUTE = 60
PAGES = ("", "value", "customers")


class House:
    """What deploy/ sets up: replicas by port, nginx before them."""

    def __init__(self, place, warehouse, settings, replicas):
        self.warehouse, self._place, self._settings = warehouse, place, settings
        port, *ports = free_ports(1 + replicas)
        self.provider = Provider(place)
        self.provider.knows(li={"email": LI, "email_verified": True, "name": "Li"})
        self._secrets = self.provider.secrets(place)
        text = self._secrets.read_text().replace("http://localhost:{port}", f"https://localhost:{port}")
        self._secrets.write_text(text)
        self.replicas = {port: self.replica(port) for port in ports}
        for one in self.replicas.values():
            one.wait()
        self.nginx = Nginx(place, port, ports)
        self.url = self.nginx.url

    def replica(self, port):
        return Replica(port, self.warehouse, self._secrets, self._settings)

    def stop(self):
        for one in (self.nginx, *self.replicas.values(), self.provider):
            one.stop()


@pytest.fixture(scope="module", params=[2, 4])
def house(request, tmp_path_factory, demo_warehouse, postgres):
    place = tmp_path_factory.mktemp("house")
    warehouse, keys = place / "warehouse", place / "keys"
    shutil.copytree(demo_warehouse, warehouse, ignore=shutil.ignore_patterns("store.sqlite*", "audit.key"))
    keys.mkdir()
    database = postgres.new_store(keys)
    settings = {
        "CLIENTELE_STORE": postgres.url(database),
        "CLIENTELE_AUDIT_KEY_FILE": str(keys / "audit.key"),
    }
    running = House(place, warehouse, settings, request.param)
    yield running
    running.stop()
    postgres.drop(database)


@pytest.fixture
def client(house):
    with httpx.Client(verify=False) as opened:  # the certificate is this run's own
        assert sign_in(opened, house.url, "li").status_code == 200
        yield opened


def cookies_of(client, replica):
    kept = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar if one.name != COOKIE)
    return f"{kept}; {COOKIE}={replica}"


def trusting():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_a_browser_stays_with_the_replica_that_served_it_and_can_name_no_other_port(house, client):
    mine = client.cookies[COOKIE]
    assert int(mine) in house.replicas
    again = client.get(house.url)
    assert again.status_code == 200
    assert COOKIE not in again.headers.get("set-cookie", "")
    forged = httpx.get(f"{house.url}/_stcore/health", headers={"Cookie": f"{COOKIE}=22"}, verify=False)
    assert forged.status_code == 200
    assert re.search(rf"{COOKIE}=({'|'.join(map(str, house.replicas))});", forged.headers["set-cookie"])


def test_the_headers_of_an_answer_stand_there_once(client, house):
    headers = client.get(house.url).headers
    for name in ("content-security-policy", "x-frame-options", "strict-transport-security"):
        assert len(headers.get_list(name)) == 1


def test_a_new_version_is_on_every_replica_within_a_minute_and_no_screen_shows_two(house, client):
    before = files(house.warehouse)
    old, new = current_version(house.warehouse), newer(house.warehouse)

    async def seen(replica):
        shown = []
        async with visitor(house.url, cookie=cookies_of(client, replica), tls=trusting()) as me:
            begun = time.monotonic()
            while new not in (shown or [""])[-1] and time.monotonic() - begun < A_MINUTE:
                shown.append((await me.turn_to("value")).text.replace("\\", ""))
                point_to(house.warehouse, new)
        return shown

    for replica in house.replicas:
        point_to(house.warehouse, old)
        shown = finished(seen(replica))
        assert old in shown[0]
        assert new in shown[-1]
        assert all((old in text) != (new in text) for text in shown)
    # A service that writes as root would not notice a folder that is read-only: nothing in it is new.
    assert files(house.warehouse) == before | {f"versions/{new}.duckdb", f"versions/{new}.json"}


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_users_of_a_replica_that_is_killed_go_on_with_their_saved_work_on_the_other(house, browser):
    context = browser.new_context(ignore_https_errors=True, locale="en-GB")
    me = Visit(context.new_page(), house)
    me.tab.goto(f"{house.url}/segments?method=value_tiers&set_tiers=3")
    me.tab.get_by_placeholder("Enter any login").fill("li")
    me.tab.get_by_placeholder("and password").fill("any")
    me.tab.get_by_role("button", name="Sign-in").click()
    me.until(lambda: me.tab.locator("h1").count() and "3 segments" in me.headline)
    me.settle()
    save_recipe(me, "Thirds")

    mine = replica_of(context)
    house.replicas[mine].kill()
    me.tab.reload()
    me.settle()
    me.until(lambda: "3 segments" in me.headline)
    assert replica_of(context) != mine
    me.press(re.compile(r"^Saved recipes \(1\)"))
    me.choose("Recipe", "Thirds")

    house.replicas[mine] = house.replica(mine)
    house.replicas[mine].wait()
    me.tab.reload()
    me.settle()
    assert replica_of(context) != mine
    context.close()


def test_a_replica_that_is_killed_while_many_read_costs_its_users_one_reconnect_and_nobody_else_any(
    house, client
):
    lost, killed, over = next(iter(house.replicas)), Event(), Event()

    async def reading(home, seen):
        """Page after page; whoever loses the connection opens it again, with the same cookie."""
        while not over.is_set():
            try:
                async with visitor(house.url, cookie=cookies_of(client, home), tls=trusting()) as me:
                    seen.connections += 1
                    while not over.is_set():
                        assert not (await me.turn_to(PAGES[seen.screens % len(PAGES)])).faults
                        seen.screens += 1
                        seen.since += killed.is_set()
            except ConnectionClosed:
                pass

    async def many():
        people = [(home, Reader()) for home in house.replicas for _ in range(2)]
        tasks = [asyncio.create_task(reading(home, seen)) for home, seen in people]
        await until(lambda: all(seen.screens for _, seen in people), tasks)
        house.replicas[lost].kill()
        killed.set()
        await until(lambda: all(seen.since > 1 for _, seen in people), tasks)
        over.set()
        await asyncio.gather(*tasks)
        return people

    for home, seen in finished(many()):
        assert seen.connections == (2 if home == lost else 1)
    house.replicas[lost] = house.replica(lost)
    house.replicas[lost].wait()


@dataclass
class Reader:
    """What somebody had who reads: connections, screens, and of these how many since a replica was killed."""

    connections: int = 0
    screens: int = 0
    since: int = 0


async def until(holds, tasks):
    """Wait while people go on; whoever fails ends it."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < 2 * A_MINUTE
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.05)


def replica_of(context):
    return int(next(one["value"] for one in context.cookies() if one["name"] == COOKIE))
