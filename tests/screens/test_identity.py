import pytest
from streamlit.testing.v1 import AppTest

from analytics.access import sessions
from analytics.access.personas import PERSONAS
from analytics.warehouse.versions import Manifest, point_to

OWNER = "owner@bank.example"


def script():
    import streamlit as st

    from pages._ui import identity

    identity.choose_persona()
    st.text(str(identity.signed_in_email()))


def publish(root, **said):
    (root / "versions").mkdir(exist_ok=True)
    facts = {"demo": False, "owner": None, "customers": 1, "transactions": 1} | said
    dates = {"published_at": "2026-07-01T00:00:00Z", "newest_as_of": "2026-06-30", "first_month_end": None}
    Manifest(version="v1", base_currency="CNY", **facts, **dates).write(root)
    point_to(root, "v1")


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("CLIENTELE_WAREHOUSE", str(tmp_path))
    return tmp_path


def signed_in(at):
    assert not at.exception
    return at.text[0].value


def test_nobody_is_signed_in_where_nothing_is_published(root):
    assert signed_in(AppTest.from_function(script).run()) == "None"


def test_the_demo_bank_begins_with_the_relationship_manager_and_lets_one_choose(root):
    publish(root, demo=True)
    at = AppTest.from_function(script).run()
    assert signed_in(at) == PERSONAS[0].email
    assert len(at.selectbox(key="persona").options) == len(PERSONAS)
    at.selectbox(key="persona").set_value(PERSONAS[4].email).run()
    assert signed_in(at) == PERSONAS[4].email


def test_a_persona_that_is_none_of_them_is_not_believed(root):
    publish(root, demo=True)
    at = AppTest.from_function(script)
    at.session_state["persona"] = OWNER
    at.query_params["persona"] = OWNER
    at.run()
    assert OWNER not in [text.value for text in at.text]


def test_a_persona_is_nobody_at_real_data(root):
    publish(root, demo=True)
    at = AppTest.from_function(script).run()
    publish(root, owner=PERSONAS[0].email)
    at.run()
    assert signed_in(at) == "None"
    assert not at.selectbox


def test_the_owner_is_known_by_their_session_alone(root, monkeypatch):
    publish(root, owner=OWNER)
    fresh = sessions.Sessions()
    monkeypatch.setattr(sessions, "SESSIONS", fresh)
    key = fresh.begin(fresh.new_link(OWNER))
    cookies = {f"{sessions.COOKIE}_8501": key}
    monkeypatch.setattr("streamlit.runtime.context.StreamlitCookies.to_dict", lambda _: cookies)
    assert signed_in(AppTest.from_function(script).run()) == OWNER
    publish(root, owner="next@bank.example")
    assert signed_in(AppTest.from_function(script).run()) == "None"
