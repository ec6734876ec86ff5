"""Streamlit's own code signs here: these tests fail where a new version of it keeps its cookies otherwise."""

import json
import random

import pytest
import tomli_w
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from streamlit import auth_util, config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from pages._ui import gate_texts, headers, way_back
from pages._ui.belongings import MOST_MADE, Made
from pages._ui.provider import faults, is_configured, provider
from pages._ui.way_in_provider import ThroughProvider
from tests.visitor import finished

SECRET = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
USER = "_streamlit_user"
ORIGIN = "https://clientele.bank.example"
SAFE = {
    "redirect_uri": f"{ORIGIN}/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "clientele",
    "client_secret": "secret of the client",
    "server_metadata_url": "https://sign-in.bank.example/.well-known/openid-configuration",
    "client_kwargs": {"code_challenge_method": "S256"},
}


@pytest.fixture
def auth(tmp_path):
    """Let Streamlit's secrets be a file with this [auth] section."""
    before = config.get_option("secrets.files")

    def held(section):
        (tmp_path / "secrets.toml").write_text(tomli_w.dumps({"auth": section}))
        config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
        secrets_singleton._reset()

    yield held
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


@pytest.fixture
def named(auth):
    auth(SAFE)
    return provider()


def cookies_of(claims, secret=SECRET):
    """As Streamlit sets them, in parts where they are large."""
    found = {}
    auth_util.set_cookie_with_chunks(
        lambda name, value: found.update({name: create_signed_value(secret, name, value).decode()}),
        lambda name, value: create_signed_value(secret, name, value),
        USER,
        claims,
        cookie_attr_size=60,
    )
    return found


def test_what_streamlit_signed_is_read_and_known_by_a_digest(named):
    told = {"origin": ORIGIN, "sub": "1"}
    claims, digest = named.claims(cookies_of(told))
    assert claims == told
    assert len(digest) == 64


def test_a_cookie_in_parts_is_read_whole_and_in_no_other_mixture(named):
    long = random.Random(1).randbytes(9000).hex()  # what can't be made shorter
    first = cookies_of({"origin": ORIGIN, "sub": "1", "name": long})
    second = cookies_of({"origin": ORIGIN, "sub": "2", "name": long[::-1]})
    assert len(first) > 3
    (claims, digest), (_, other) = named.claims(first), named.claims(second)
    assert claims["name"] == long
    mixed = named.claims(first | {f"{USER}_3": second[f"{USER}_3"]})
    assert mixed is None or mixed[1] not in (digest, other)
    assert named.claims({name: value for name, value in first.items() if name != f"{USER}_2"}) is None


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {USER: ""},
        {USER: "é.é.é"},
        cookies_of({"origin": ORIGIN}, "another secret, as long as this one is"),
        cookies_of({"origin": "https://elsewhere.example"}),
        cookies_of({}),
        {USER: create_signed_value(SECRET, "another_name", json.dumps({"origin": ORIGIN})).decode()},
        {USER: create_signed_value(SECRET, USER, "[]").decode()},
        {USER: create_signed_value(SECRET, USER, "no JSON").decode()},
        {USER: create_signed_value(SECRET, USER, "chunks-2").decode()},
        {USER: create_signed_value(SECRET, USER, "chunks-0").decode()},
    ],
)
def test_anything_else_is_nobodys(named, cookies):
    assert named.claims(cookies) is None


def test_the_way_to_the_provider_is_streamlits_own(named):
    address = named.login_address()
    assert address.startswith("/auth/login?provider=")
    assert auth_util.decode_provider_token(address.split("=", 1)[1])["provider"] == "default"


def test_without_an_auth_section_there_is_no_provider(auth):
    auth({})
    assert not is_configured()


def test_a_safe_section_has_no_faults_and_may_be_named(auth):
    auth(SAFE)
    assert faults() == []
    own = ("client_id", "client_secret", "server_metadata_url", "client_kwargs")
    auth({key: SAFE[key] for key in SAFE if key not in own} | {"keycloak": {key: SAFE[key] for key in own}})
    assert faults() == []
    assert provider().name == "keycloak"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cookie_secret": "short"}, "cookie_secret"),
        ({"cookie_secret": "x" * 40}, "cookie_secret"),
        ({"cookie_secret": None}, "cookie_secret"),
        ({"client_kwargs": {}}, "PKCE"),
        ({"client_kwargs": {"code_challenge_method": "plain"}}, "PKCE"),
        ({"redirect_uri": "http://clientele.bank.example/oauth2callback"}, "redirect_uri"),
        ({"redirect_uri": f"{ORIGIN}/somewhere"}, "redirect_uri"),
        ({"redirect_uri": None}, "redirect_uri"),
        ({"server_metadata_url": "http://sign-in.bank.example/"}, "server_metadata_url"),
        ({"client_secret": ""}, "client_secret"),
        ({"second": {"client_id": "another"}}, "only one provider"),
    ],
)
def test_a_section_that_would_not_be_safe_lets_nobody_in_and_says_why(auth, change, said):
    auth({key: value for key, value in (SAFE | change).items() if value is not None})
    assert any(said in fault for fault in faults())
    assert not any(SECRET in fault for fault in faults())
    asked = HTTPConnection({"type": "http", "path": "/", "headers": [(b"host", b"clientele.bank.example")]})
    assert finished(ThroughProvider().why_not(asked)) is gate_texts.UNSAFE_PROVIDER


def test_hours_that_make_no_sense_let_nobody_in(auth, monkeypatch):
    auth(SAFE)
    monkeypatch.setenv("CLIENTELE_SESSION_HOURS", "ever")
    assert provider() is None


# --- what goes with it


def test_behind_https_cookies_and_browsers_are_held_to_it():
    start = {
        "type": "http.response.start",
        "headers": [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Secure")],
    }
    sent = []

    async def send(message):
        sent.append(message)

    finished(headers.guarded({"path": "/"}, send, https=True)(start))
    told = MutableHeaders(scope=sent[0])
    assert told.getlist("set-cookie") == ["a=1; Path=/; Secure", "b=2; Secure"]
    assert told["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    "page",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "é", "", "/" + "a" * 3000],
)
def test_a_remembered_page_never_leads_elsewhere(page):
    assert not way_back.is_own_page(page)


def test_a_file_is_remembered_for_all_who_made_it_and_not_for_ever():
    made = Made()
    made.note("one", "s1")
    made.note("one", "s2")
    assert made.sessions("one") == {"s1", "s2"}
    for number in range(MOST_MADE):
        made.note(str(number), "s1")
    assert made.sessions("one") == set()
