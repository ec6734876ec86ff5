"""Signing in at a real provider: who gets in, what they may fetch, and when it ends."""

import json
import re
import shutil
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import create_engine, update
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest, BackMsg, DeferredFileRequestPayload
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from analytics.access.grants import Grant
from analytics.access.personas import PERSONAS
from analytics.access.signing_in import end_sessions
from analytics.store.store import open_store
from analytics.store.tables import sign_ins
from pages._ui.layout import plain
from tests.e2e.conftest import Visit
from tests.e2e.provider.running import CLIENT_SECRET, COOKIE_SECRET, Provider, sign_in
from tests.e2e.test_gate import EVERYTHING

LI, WANG, CHEN, _, SUN = (persona.email for persona in PERSONAS[:5])
GUEST = "guest@elsewhere.example"
STRANGE = "nobody.knows@elsewhere.example"
OPEN = ("/auth/login", "/oauth2callback")
PAGES = [path for method, path in EVERYTHING if method == "GET" and path.split("?")[0] in ("/", "/segments")]
CLOSED = [(method, path) for method, path in EVERYTHING if path not in OPEN]
USER = "_streamlit_user"


def verified(email, **more):
    return {"email": email, "email_verified": True, "name": email.split("@")[0], **more}


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    running = Provider(tmp_path_factory.mktemp("provider"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, demo_warehouse):
    """A bank of these tests' own: they revoke grants."""
    mine = tmp_path_factory.mktemp("signin") / "warehouse"
    shutil.copytree(demo_warehouse, mine, ignore=shutil.ignore_patterns("store.sqlite*", "audit.key"))
    return mine


@pytest.fixture(scope="module")
def server(provider, folder, start_server):
    """Behind a provider it may listen to other machines, and be passed on to by a proxy."""
    secrets = provider.secrets(folder.parent)
    openly = ("--server.address", "0.0.0.0", "--browser.serverAddress", "localhost")
    return start_server(folder, "--secrets.files", str(secrets), *openly)


@pytest.fixture(scope="module")
def store(server, folder):
    return open_store(None, folder)


@pytest.fixture(autouse=True)
def accounts(provider):
    provider.knows(
        li=verified(LI),
        wang=verified(WANG),
        chen=verified(CHEN),
        guest=verified(GUEST),
        strange=verified(STRANGE),
        unsure={"email": SUN, "email_verified": False},
        unsaid={"email": SUN},
        second_li=verified(LI.upper()),
    )


@pytest.fixture
def signed_in(server):
    """Clients that signed in anew, by login."""
    clients = []

    def opened(login):
        clients.append(httpx.Client())
        answer = sign_in(clients[-1], server.url, login)
        assert answer.status_code == 200, answer.text
        return clients[-1]

    yield opened
    for client in clients:
        client.close()


def cookie_of(client):
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


def open_stream(server, cookie="", origin=None):
    return connect(
        server.url.replace("http", "ws") + "/_stcore/stream",
        additional_headers={"Cookie": cookie} if cookie else {},
        origin=origin or server.url,
        max_size=None,
    )


def send(stream, **fields):
    stream.send(BackMsg(**fields).SerializeToString())


def until(stream, kind):
    """Everything that the server says until a message of this kind."""
    frames = []
    while not frames or frames[-1].WhichOneof("type") != kind:
        frames.append(ForwardMsg.FromString(stream.recv(timeout=30)))
    return frames


def rerun(stream, page="", query=""):
    """What the server says while the script runs once more, as text."""
    send(stream, rerun_script=ClientState(page_name=page, query_string=query))
    frames = until(stream, "script_finished")
    return b"".join(frame.SerializeToString() for frame in frames).decode("utf-8", "replace")


def is_sent_to_sign_in(server, cookie):
    answer = httpx.get(server.url, headers={"Accept": "text/html", "Cookie": cookie})
    return answer.status_code == 302 and answer.headers["location"].startswith("/auth/login?provider=")


def is_worth_nothing(server, cookie):
    """Neither a page nor a script for this cookie."""
    with pytest.raises(InvalidStatus) as refused:
        open_stream(server, cookie)
    return refused.value.response.status_code == 403 and is_sent_to_sign_in(server, cookie)


# --- in a browser


def browser_sign_in(visit, login, path="/"):
    visit.tab.goto(visit.server.url + path)
    visit.tab.get_by_placeholder("Enter any login").fill(login)
    visit.tab.get_by_placeholder("and password").fill("any")
    visit.tab.get_by_role("button").first.click()
    visit.tab.wait_for_selector("[data-testid=stApp]")
    visit.settle()


@pytest.fixture
def visits(browser, server):
    """Tabs of one browser of one person's; what they complain about is for the test to say."""
    contexts = []

    def opened(beside=None):
        context = beside.tab.context if beside else browser.new_context(locale="en-GB")
        contexts.append(context)
        return Visit(context.new_page(), server)

    yield opened
    for context in dict.fromkeys(contexts):
        context.close()


def test_signing_in_leads_to_the_page_that_was_asked_for_and_ones_own_book(visits, provider, store):
    me = visits()
    browser_sign_in(me, "li", "/value")
    assert me.tab.url.startswith(f"{me.server.url}/value")
    assert me.quiet_line.startswith("Li Wei")
    assert me.tab.get_by_role("combobox", name="You are").count() == 0
    assert me.tab.evaluate("document.cookie.includes('streamlit_user')") is False
    [asked] = [line for line in provider.asked() if "/auth?" in line]
    assert "code_challenge_method=S256" in asked
    assert re.search(r"code_challenge=[\w-]{43}&", asked)
    [entry] = store.audit.entries(person=LI, action="signed in")
    assert entry.details["issuer"] == provider.issuer


def test_signing_out_ends_the_second_tab_and_every_copy_of_the_cookie(visits, provider, store):
    me = visits()
    browser_sign_in(me, "wang")
    beside = visits(me)
    beside.open()
    kept = {cookie["name"]: cookie["value"] for cookie in me.tab.context.cookies(me.server.url)}
    copied = "; ".join(f"{name}={value}" for name, value in kept.items())
    assert httpx.get(me.server.url, headers={"Cookie": copied}).status_code == 200
    me.tab.get_by_role("button", name="Sign out").click()
    me.tab.wait_for_url(f"{provider.issuer}/session/end**")
    assert is_worth_nothing(me.server, copied)
    beside.tab.get_by_test_id("stSidebarNav").get_by_role("link", name="Glossary").click()
    beside.tab.wait_for_url(f"{provider.issuer}/interaction/**")
    assert store.audit.entries(person=WANG, action="signed out")


def test_somebody_without_a_grant_is_told_so_and_sees_nothing_else(visits):
    me = visits()
    browser_sign_in(me, "strange")
    assert me.headline == "You have no access yet"
    main = me.tab.get_by_test_id("stMain").inner_text()
    assert STRANGE in main
    assert "customers" not in main
    assert me.tab.get_by_test_id("stSidebarNav").count() == 0


# --- who is let in


@pytest.mark.parametrize("login", ["unsure", "unsaid"])
def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(server, store, login):
    for _ in range(2):
        with httpx.Client() as client:
            answer = sign_in(client, server.url, login)
            assert answer.status_code == 403
            assert "has not verified your address" in answer.text
            assert USER not in client.cookies
    entries = store.audit.entries(person=SUN, action="refused")
    assert len([entry for entry in entries if entry.details["subject"] == login]) == 1


def test_a_known_person_keeps_their_grants_when_the_provider_gives_them_another_address(
    server, provider, signed_in
):
    signed_in("li")
    provider.knows(li=verified(CHEN))
    with open_stream(server, cookie_of(signed_in("li"))) as stream:
        said = rerun(stream)
    assert plain(LI) in said
    assert plain(CHEN) not in said


def test_another_person_does_not_get_in_with_an_address_that_is_somebodys(server, signed_in):
    signed_in("li")
    with httpx.Client() as client:
        answer = sign_in(client, server.url, "second_li")
    assert answer.status_code == 403
    assert "belongs to another person" in answer.text


def test_a_call_back_that_nobody_asked_for_signs_nobody_in(server):
    for query in ("?error=access_denied", "?code=guess&state=guess", ""):
        answer = httpx.get(server.url + "/oauth2callback" + query)
        assert answer.status_code == 403
        assert USER not in answer.cookies


# --- cookies


def test_a_changed_cookie_is_nobodys(server, signed_in):
    cookie = signed_in("wang").cookies[USER]
    for place in (5, len(cookie) // 2, -3):
        other = "A" if cookie[place] != "A" else "B"
        assert is_worth_nothing(server, f"{USER}={cookie[:place]}{other}{cookie[place:][1:]}")


def test_a_cookie_made_with_the_right_secret_but_never_begun_here_is_nobodys(server, provider):
    soon = time.time() + 300
    claims = {"iss": provider.issuer, "sub": "li", "aud": "clientele", "iat": soon - 300, "exp": soon}
    told = claims | verified(LI) | {"origin": server.url, "is_logged_in": True, "provider": "default"}
    forged = create_signed_value(COOKIE_SECRET, USER, json.dumps(told)).decode()
    assert is_worth_nothing(server, f"{USER}={forged}")


def test_a_sign_in_past_its_end_is_over_for_open_pages_too(server, folder, signed_in):
    client = signed_in("wang")
    with open_stream(server, cookie_of(client)) as stream:
        assert plain(WANG) in rerun(stream)
        past = datetime.now(UTC) - timedelta(seconds=5)
        engine = create_engine(f"sqlite:///{folder / 'store.sqlite'}")
        with engine.begin() as connection:
            connection.execute(update(sign_ins).values(ends_at=past))
        assert is_shown_out(stream)
    assert is_worth_nothing(server, cookie_of(client))


def test_a_steward_ends_somebodys_sign_ins_within_one_rerun(server, store, signed_in):
    client = signed_in("wang")
    with open_stream(server, cookie_of(client)) as stream:
        assert plain(WANG) in rerun(stream)
        assert end_sessions(store, WANG, SUN) >= 1
        assert is_shown_out(stream)
    assert is_worth_nothing(server, cookie_of(client))


def is_shown_out(stream):
    """Whether the next message is answered with the way to the sign-in, and the end."""
    send(stream, rerun_script=ClientState())
    return last_words(stream).auth_redirect.url == "/" and stream.close_code == 1008


def last_words(stream):
    frame = b""
    while True:
        try:
            frame = stream.recv(timeout=20)
        except ConnectionClosed:
            return ForwardMsg.FromString(frame)


def test_a_revoked_grant_is_gone_within_one_rerun(server, store, signed_in):
    grant = Grant(GUEST, "manager", "branch", unit_id="B011")
    store.grants.give(grant, SUN)
    with open_stream(server, cookie_of(signed_in("guest"))) as stream:
        assert "You have no access yet" not in rerun(stream)
        store.grants.revoke(grant, SUN)
        assert "You have no access yet" in rerun(stream)


# --- files


def session_of(stream):
    send(stream, rerun_script=ClientState())
    return until(stream, "new_session")[-1].new_session.initialize.session_id


def members_file(stream):
    """The address of the file behind "Members as CSV", once the page offers it, as a click asks for it."""
    offered, session = None, session_of(stream)
    while offered is None:
        send(stream, rerun_script=ClientState(page_name="segments", query_string="method=value_tiers"))
        frames = until(stream, "script_finished")
        buttons = [frame.delta.new_element.download_button for frame in frames]
        offered = next((button for button in buttons if button.label.startswith("Members as")), None)
    wanted = DeferredFileRequestPayload(file_id=offered.deferred_file_id)
    send(
        stream,
        backend_operation_request=BackendOperationRequest(
            request_id="one", session_id=session, deferred_file=wanted
        ),
    )
    answer = until(stream, "backend_operation_response")[-1].backend_operation_response
    assert answer.deferred_file.url, answer.error_msg
    return answer.deferred_file.url


def test_a_file_of_one_person_is_not_for_another(server, signed_in):
    me, other = signed_in("li"), signed_in("chen")
    with open_stream(server, cookie_of(me)) as stream, open_stream(server, cookie_of(other)) as beside:
        rerun(beside)
        address = server.url + members_file(stream)
        answer = me.get(address)
        assert answer.status_code == 200
        assert answer.content.startswith(b"PK")  # the table and its receipt, zipped
        assert answer.headers["cache-control"] == "no-store"
        assert other.get(address).status_code == 404
        assert other.get(address.replace("/media/", "/media/x/../")).status_code in (400, 404)
        assert httpx.get(address).status_code == 403
    wait_until(lambda: me.get(address).status_code == 404)  # nobody's page shows it any more


def wait_until(holds):
    for _ in range(150):
        if holds():
            return
        time.sleep(0.1)
    assert holds()


# --- strangers


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_a_stranger_gets_nothing(server, method, path):
    answer = httpx.request(method, server.url + path)
    assert answer.status_code == 403
    assert says_nothing_of_itself(answer)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_who_opens_a_page_is_sent_to_the_provider(server, provider, path):
    answer = httpx.get(server.url + path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert str(answer.url).startswith(f"{provider.issuer}/interaction/")
    assert all(says_nothing_of_itself(past) for past in answer.history if "localhost" in str(past.url))


def says_nothing_of_itself(answer):
    """No product, version, path or secret in an answer of the server's."""
    said = (answer.text + str(answer.headers)).lower()
    telling = (
        "streamlit/",
        "uvicorn",
        "1.67",
        "/work",
        "/tmp",
        "python",
        "duckdb",
        CLIENT_SECRET,
        COOKIE_SECRET,
    )
    return not any(word in said for word in telling) and "server" not in answer.headers


def test_health_is_open_and_says_nothing_else(server):
    answer = httpx.get(server.url + "/_stcore/health", headers={"Host": "10.0.0.9:8501"})
    assert answer.text == "ok"
    assert says_nothing_of_itself(answer)


def test_a_strangers_websocket_runs_nothing(server):
    with pytest.raises(InvalidStatus) as refused:
        open_stream(server)
    assert refused.value.response.status_code == 403
    assert "server" not in refused.value.response.headers


def test_what_nobody_needs_is_closed_to_the_signed_in_too(server, signed_in):
    client = signed_in("chen")
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp"):
        assert client.get(server.url + path).status_code == 404


def test_nobody_clears_everybodys_cache(server, signed_in):
    with open_stream(server, cookie_of(signed_in("chen"))) as stream:
        rerun(stream)
        send(stream, clear_cache=True)
        assert plain(CHEN) in rerun(stream)


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:8501"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_a_foreign_page_or_name_gets_nothing_with_a_good_cookie(server, signed_in, header):
    client = signed_in("chen")
    assert client.get(server.url, headers=header).status_code == 403
    assert client.put(server.url + "/_stcore/upload_file/a/b", headers=header).status_code == 403
    origin = header.get("Origin")
    if origin:
        with pytest.raises(InvalidStatus):
            open_stream(server, cookie_of(client), origin)


def test_a_proxy_may_pass_people_on(server, signed_in):
    passed_on = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    assert signed_in("chen").get(server.url, headers=passed_on).status_code == 200


def test_nobody_uploads_into_somebody_elses_session(server, signed_in):
    with open_stream(server, cookie_of(signed_in("li"))) as stream:
        session = session_of(stream)
        address = f"{server.url}/_stcore/upload_file/{session}/one"
        assert signed_in("chen").put(address, files={"file": b"x"}).status_code == 404
        assert signed_in("li").put(address, files={"file": b"x"}).status_code != 404


# --- headers


def test_pages_say_what_they_may_do_and_are_kept_by_nobody(server, signed_in):
    client = signed_in("chen")
    page, refusal = client.get(server.url), httpx.get(server.url)
    for answer in (page, refusal):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    said = page.headers["content-security-policy"]
    assert "unsafe-eval" not in said
    assert "unsafe-inline" not in said.split("style-src")[0]
    script = re.search(r'src="\./(static/js/index\.[^"]+)"', page.text)
    assert "no-store" not in client.get(f"{server.url}/{script[1]}").headers["cache-control"]
