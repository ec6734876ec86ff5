import socket
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.requests import HTTPConnection
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from analytics.warehouse.versions import Manifest, point_to
from pages._ui.loopback import from_this_machine

OWNER = "owner@bank.example"
EVERYTHING = [
    ("GET", "/"),
    ("GET", "/segments"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/script-health-check"),
    ("POST", "/_stcore/agent/mcp"),
    ("PUT", "/_stcore/upload_file/session/file"),
    ("GET", "/media/0123456789.csv"),
    ("GET", "/component/any/index.html"),
    ("GET", "/static/index.html"),
    ("GET", "/auth/login"),
    ("GET", "/oauth2callback"),
    ("GET", "/?token=guess"),
    ("GET", "//_stcore/health"),
    ("POST", "/_stcore/health"),
]


def publish(root, version, **said):
    """Let a version serve whose manifest says this; the gate reads nothing else."""
    (root / "versions").mkdir(parents=True, exist_ok=True)
    facts = {"demo": False, "owner": None, "customers": 1, "transactions": 1} | said
    dates = {"published_at": "2026-07-01T00:00:00Z", "newest_as_of": "2026-06-30", "first_month_end": None}
    Manifest(version=version, base_currency="CNY", **facts, **dates).write(root)
    point_to(root, version)


@pytest.fixture(scope="module")
def own(tmp_path_factory, start_server):
    root = tmp_path_factory.mktemp("own")
    publish(root, "v1", owner=OWNER)
    return start_server(root)


@pytest.fixture(scope="module")
def demo_root(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo_manifest")
    publish(root, "v1", demo=True)
    return root


@pytest.fixture(scope="module")
def demo(demo_root, start_server):
    return start_server(demo_root)


@pytest.fixture(scope="module")
def owner(own):
    """A client that holds the owner's session."""
    ask(own, accept="text/html")  # a new link is printed if another test used the last one
    with httpx.Client(base_url=own.url) as client:
        assert client.get(own.links()[-1]).status_code == 200
        yield client


def ask(server, path="/", method="GET", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, server.url + path, headers=named)


def open_stream(server, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    host = named.pop("Host", f"localhost:{server.port}")
    line = socket.create_connection(("127.0.0.1", server.port))
    return connect(f"ws://{host}/_stcore/stream", sock=line, additional_headers=named, max_size=None)


def drain(stream):
    """Read until the server ends it."""
    while True:
        stream.recv(timeout=20)


def rerun():
    message = BackMsg()
    message.rerun_script.query_string = ""
    return message.SerializeToString()


# --- own data


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
def test_without_a_session_nothing_of_own_data_answers(own, method, path):
    answer = ask(own, path, method)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_without_a_session_no_script_runs(own):
    with pytest.raises(InvalidStatus) as refused:
        open_stream(own)
    assert refused.value.response.status_code == 403


def test_health_is_open_and_says_nothing_else(own):
    assert ask(own, "/_stcore/health").text == "ok"


def test_a_refusal_names_no_product_version_or_path(own):
    answer = ask(own, "/", x_forwarded_for="203.0.113.9")
    said = (answer.text + str(answer.headers)).lower()
    assert "sign-in provider" in said
    assert not any(word in said for word in ("streamlit", "1.67", "/work", "python", "duckdb", "terminal"))


def test_a_refusal_is_in_the_browsers_language(own):
    assert '<html lang="zh-CN">' in ask(own, accept_language="zh-CN,zh;q=0.9").text


def test_the_owner_gets_in_and_the_cookie_is_out_of_reach_of_scripts_and_sites(own, owner):
    assert owner.get("/").status_code == 200
    assert owner.get("/_stcore/host-config").status_code == 200
    ask(own, accept="text/html")
    said = httpx.get(own.links()[-1]).headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "max-age=43200" in said


def test_the_owners_script_runs(own, owner):
    with open_stream(own, Cookie=cookie_of(owner)) as stream:
        stream.send(rerun())
        assert stream.recv(timeout=20)


def test_a_link_works_once_and_the_next_one_is_printed(own):
    ask(own, accept="text/html")
    link = own.links()[-1]
    assert httpx.get(link).status_code == 200
    assert httpx.get(link, headers={"Accept": "text/html"}).status_code == 403
    assert own.links()[-1] != link


def test_asking_again_and_again_prints_no_more_links(own):
    ask(own, accept="text/html")
    before = own.links()
    for _ in range(5):
        ask(own, accept="text/html")
    assert own.links() == before


def test_the_link_in_a_query_of_another_page_or_method_opens_nothing(own):
    ask(own, accept="text/html")
    token = parse_qs(urlsplit(own.links()[-1]).query)["token"][0]
    assert ask(own, f"/segments?token={token}").status_code == 403
    assert ask(own, f"/?token={token}", "POST").status_code == 403
    assert ask(own, f"/?token={token}", x_forwarded_for="127.0.0.1").status_code == 403
    assert ask(own, f"/?token={token}").status_code == 200


def test_a_changed_cookie_is_nobody(own, owner):
    name, key = cookie_of(owner).split("=")
    assert ask(own, cookie=f"{name}={key[:-2]}xx").status_code == 403
    assert ask(own, cookie=f"{name}=").status_code == 403
    with pytest.raises(InvalidStatus):
        open_stream(own, Cookie=f"{name}={key[:-2]}xx")


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Host": "clientele.bank.example"},
        {"Origin": "http://localhost:1"},
    ],
)
def test_the_owners_cookie_is_worth_nothing_from_elsewhere(own, owner, header):
    assert owner.get("/", headers=header).status_code == 403
    with pytest.raises(InvalidStatus):
        open_stream(own, Cookie=cookie_of(owner), **header)


def test_data_without_an_owner_open_to_nobody(tmp_path, start_server):
    publish(tmp_path, "v1")
    server = start_server(tmp_path)
    assert "--owner" in ask(server).text
    assert ask(server).status_code == 403
    assert server.links() == []
    (tmp_path / "current").unlink()
    assert "python -m analytics demo" in ask(server).text
    assert ask(server).status_code == 503


# --- the synthetic bank


def test_the_demo_bank_opens_on_this_machine_without_signing_in(demo):
    assert ask(demo).status_code == 200
    assert demo.links() == []
    with open_stream(demo, Origin=demo.url) as stream:
        stream.send(rerun())
        assert stream.recv(timeout=20)


@pytest.mark.parametrize(
    "header",
    [
        {"Forwarded": "for=127.0.0.1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Proto": "http"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "10.0.0.5:8501"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_a_proxy_a_foreign_name_and_a_foreign_page_are_refused(demo, header):
    assert httpx.get(demo.url, headers=header).status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        open_stream(demo, **header)
    assert refused.value.response.status_code == 403


def test_a_link_from_elsewhere_still_opens_a_page(demo):
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    assert httpx.get(demo.url, headers=followed).status_code == 200


def test_publishing_own_data_ends_every_persona_at_once(demo, demo_root):
    with open_stream(demo) as stream:
        stream.send(rerun())
        assert stream.recv(timeout=20)
        publish(demo_root, "v2", owner=OWNER)
        try:
            stream.send(rerun())
            with pytest.raises(ConnectionClosed):
                drain(stream)
            assert stream.close_code == 1008
            assert ask(demo, accept="text/html").status_code == 403
            assert len(demo.links()) == 1
        finally:
            point_to(demo_root, "v1")


def test_a_server_that_listens_to_other_machines_opens_to_nobody(demo_root, start_server):
    server = start_server(demo_root, "--server.address", "0.0.0.0")
    assert ask(server, "/_stcore/health").text == "ok"
    assert ask(server).status_code == 403
    with pytest.raises(InvalidStatus):
        open_stream(server)


# --- what counts as this machine


def request_from(peer="127.0.0.1", local="127.0.0.1", host="localhost:8501"):
    ends = {"client": (peer, 50000) if peer else None, "server": (local, 8501) if local else None}
    return HTTPConnection({"type": "http", "headers": [(b"host", host.encode())], **ends})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_a_loopback_peer_is_this_machine(address):
    assert from_this_machine(request_from(peer=address))


@pytest.mark.parametrize(
    "address", ["192.168.1.4", "203.0.113.9", "fe80::1", "::ffff:10.0.0.1", "testclient", None]
)
def test_any_other_peer_or_local_address_is_not(address):
    assert not from_this_machine(request_from(peer=address))
    assert not from_this_machine(request_from(local=address))


@pytest.mark.parametrize(
    "host", ["", "localhost@evil.example", "localhost.", "127.0.0.1.evil.example", "[::2]"]
)
def test_a_host_that_only_looks_local_is_not(host):
    assert not from_this_machine(request_from(host=host))


def test_two_host_headers_are_not_believed():
    request = request_from()
    request.scope["headers"].append((b"host", b"localhost:8501"))
    assert not from_this_machine(HTTPConnection(request.scope))


# --- in a browser


def test_the_printed_link_brings_a_browser_into_the_app(own, page):
    page.goto(own.url)
    assert page.get_by_role("heading").inner_text() == "Open the link from the terminal"
    page.goto(own.links()[-1])
    page.wait_for_selector("[data-testid=stApp]")
    assert urlsplit(page.url).query == ""
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState == 'CONNECTED'"
    )
    assert page.evaluate("document.cookie.includes('clientele')") is False


def cookie_of(client):
    [(name, value)] = [(n, v) for n, v in client.cookies.items() if n.startswith("clientele")]
    return f"{name}={value}"
