import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from analytics.access.personas import PERSONAS
from analytics.access.signing_in import Incomplete, Unverified, end_sessions, identity_of, sign_in, sign_out
from analytics.commands import app
from analytics.errors import AnalyticsError, BadInput, NotAllowed
from analytics.settings import session_hours
from analytics.store.people import AddressTaken
from analytics.store.store import open_store

NOW = 1_800_000_000.0
CLIENT, LI, STEWARD = "clientele", "li@bank.example", "steward@bank.example"
GOOD = {
    "iss": "https://sign-in.bank.example",
    "sub": "1",
    "aud": CLIENT,
    "email": LI,
    "email_verified": True,
    "iat": NOW - 5,
    "exp": NOW + 300,
}
MICROSOFT = "https://login.microsoftonline.com/0000/v2.0"


def without(name):
    return {key: value for key, value in GOOD.items() if key != name}


def test_whole_and_fresh_claims_say_who_it_is():
    who = identity_of(GOOD, CLIENT, NOW)
    assert (who.issuer, who.subject, who.email) == ("https://sign-in.bank.example", "1", LI)


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "email", "iat", "exp"])
def test_claims_that_lack_anything_are_nobodys(name):
    for claims in (without(name), GOOD | {name: None}, GOOD | {name: True}, GOOD | {name: ""}):
        with pytest.raises(Incomplete):
            identity_of(claims, CLIENT, NOW)


@pytest.mark.parametrize(
    "odd",
    [
        {"exp": NOW},
        {"exp": NOW - 1},
        {"iat": NOW + 600},
        {"nbf": NOW + 600},
        {"nbf": "soon"},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"email": "no address"},
        {"sub": "1" * 256},
        {"email": "a" * 320 + "@bank.example"},
    ],
)
def test_claims_of_another_time_or_for_another_client_are_nobodys(odd):
    with pytest.raises(Incomplete):
        identity_of(GOOD | odd, CLIENT, NOW)


def test_a_list_of_audiences_may_hold_us():
    assert identity_of(GOOD | {"aud": ["another", CLIENT], "azp": CLIENT, "nbf": NOW}, CLIENT, NOW)


@pytest.mark.parametrize("said", [False, None, "true", 1, "yes"])
def test_only_true_verifies_an_address(said):
    with pytest.raises(Unverified):
        identity_of(GOOD | {"email_verified": said}, CLIENT, NOW)
    with pytest.raises(Unverified):
        identity_of(GOOD | {"email_verified": said, "iss": MICROSOFT, "xms_edov": True}, CLIENT, NOW)


def test_entra_id_verifies_by_the_owner_of_the_domain_and_nobody_else_does():
    claims = without("email_verified") | {"xms_edov": True}
    assert identity_of(claims | {"iss": MICROSOFT}, CLIENT, NOW)
    for odd in (
        {"xms_edov": False},
        {"iss": GOOD["iss"]},
        {"iss": "https://login.microsoftonline.com.evil.example"},
    ):
        with pytest.raises(Unverified):
            identity_of(claims | {"iss": MICROSOFT} | odd, CLIENT, NOW)


# --- with a store


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr("time.time", lambda: NOW)
    return GOOD


def actions(store):
    return [(entry.person, entry.action) for entry in reversed(store.audit.entries())]


def test_a_sign_in_and_its_end_are_recorded_once(store, fresh):
    assert sign_in(store, fresh, CLIENT, "one") == LI
    sign_out(store, LI)
    sign_out(store, LI)
    assert store.people.signed_in("one") is None
    assert actions(store) == [(LI, "signed in"), (LI, "signed out")]


def test_a_sign_in_under_a_new_address_is_recorded_with_both(store, fresh):
    sign_in(store, fresh, CLIENT, "one")
    assert sign_in(store, fresh | {"email": "other@bank.example"}, CLIENT, "two") == LI
    newest = store.audit.entries()[0]
    assert (newest.person, newest.details["as"]) == (LI, "other@bank.example")


def test_a_sign_in_that_cannot_be_recorded_does_not_happen(store, fresh, tmp_path):
    with create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}").begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    with pytest.raises(AnalyticsError):
        sign_in(store, fresh, CLIENT, "one")
    assert store.people.signed_in("one") is None


def test_whoever_is_refused_is_recorded_once_however_often_they_try(store, fresh):
    sign_in(store, fresh, CLIENT, "one")
    for _ in range(3):
        with pytest.raises(AddressTaken):
            sign_in(store, fresh | {"sub": "2"}, CLIENT, "two")
        with pytest.raises(Unverified):
            sign_in(store, fresh | {"sub": "2", "email_verified": False}, CLIENT, "two")
    refused = store.audit.entries(action="refused")
    assert sorted(entry.details["why"] for entry in refused) == ["AddressTaken", "Unverified"]
    assert store.people.signed_in("two") is None


def test_a_steward_ends_sign_ins_and_is_recorded(store, fresh):
    sign_in(store, fresh, CLIENT, "one")
    assert end_sessions(store, LI, STEWARD) == 1
    assert store.people.signed_in("one") is None
    assert actions(store)[-1] == (STEWARD, "session ended")


def test_a_steward_passes_an_address_on_by_command_and_nobody_else_does(demo_folder, tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("CLIENTELE_STORE", url)
    store = open_store(url, tmp_path)  # makes its key, which the bank's folder has not
    monkeypatch.setenv("CLIENTELE_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))
    store.people.met("https://old.example", "1", LI)
    words = ["people", "forget", LI, "--warehouse", str(demo_folder), "--user"]
    refused = CliRunner().invoke(app, [*words, PERSONAS[0].email])
    assert isinstance(refused.exception, NotAllowed)
    done = CliRunner().invoke(app, [*words, PERSONAS[4].email])
    assert done.exit_code == 0, done.exception
    assert store.people.met("https://new.example", "1", LI) == LI
    assert (
        CliRunner()
        .invoke(app, ["people", "move", LI, "new@x.example", *words[3:], PERSONAS[4].email])
        .exit_code
        == 0
    )
    assert (
        CliRunner().invoke(app, ["people", "end", "new@x.example", *words[3:], PERSONAS[4].email]).exit_code
        == 0
    )


def test_a_sign_in_lasts_as_long_as_is_set(store, fresh, monkeypatch):
    monkeypatch.setenv("CLIENTELE_SESSION_HOURS", "0.5")
    sign_in(store, fresh, CLIENT, "one")
    held = store.people.signed_in("one")
    assert (held.ends_at - held.began_at).total_seconds() == 1800


@pytest.mark.parametrize("said", ["0", "-1", "nan", "inf", "169", "twelve"])
def test_hours_that_make_no_sense_are_refused(said, monkeypatch):
    monkeypatch.setenv("CLIENTELE_SESSION_HOURS", said)
    with pytest.raises(BadInput):
        session_hours()
