"""The steward's page of grants: what it tells, what it offers, and that its forms can't be talked round."""

import pytest

from analytics.access.grants import Grant
from analytics.access.person import grants_of
from analytics.access.personas import PERSONAS
from analytics.warehouse.engine import open_warehouse
from pages._ui.layout import plain
from tests.screens.session import (
    ANALYST,
    AUDITOR,
    BACK_OFFICE,
    BRANCH_MANAGER,
    NO_SUCH_PAGE,
    RM,
    SECOND_STEWARD,
    STEWARD,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

NEW = "new.person@demo.example"


def desk(persona=STEWARD):
    return whole(opened("access", persona=persona))


def pressed(at, key):
    return whole(at.button(key=key).click().run())


def about(at, email):
    at.text_input(key="find_person").set_value(email)
    return whole(at.run())


def held(bank, bank_store, email):
    return grants_of(open_warehouse(bank), bank_store, email)


def given(at, email, role="relationship_manager", **more):
    """Fill in the form and give the grant."""
    at.text_input(key="give_email").set_value(email)
    at.selectbox(key="give_role").set_value(role)
    at = whole(at.run())
    for key, value in more.items():
        at.selectbox(key=f"give_{key}").set_value(value)
        at = whole(at.run())
    return pressed(at, "give")


def test_the_first_sentence_counts_and_no_customer_is_shown(bank):
    at = desk()
    people = table_with(at, "Person", "Address")
    title = at.title[0].value.replace("\\", "")
    assert f"{len(people)} people hold {len(people)} grants; nothing waits" in title
    assert at.metric[0].value == str(len(people))
    assert set(people["State"]) == {"In force"}
    assert "customer_id" not in str([table.value.columns for table in at.dataframe])
    assert "C00" not in texts(at)


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST, BACK_OFFICE, AUDITOR])
def test_nobody_but_a_steward_opens_it(bank, persona):
    with pytest.raises(ValueError, match=NO_SUCH_PAGE):
        turn_to(opened(persona=persona), "access")


def test_a_session_whose_role_ended_sees_nothing_of_it_at_the_next_rerun(bank, bank_store):
    at = desk()
    steward = PERSONAS[4]
    bank_store.grants.revoke(Grant(STEWARD, "steward", "bank", steward.employee_id), by=SECOND_STEWARD)
    at.run()
    assert not at.exception
    assert not [table for table in at.dataframe if "Address" in table.value.columns]
    assert RM not in texts(at)


def test_a_person_is_found_and_every_grant_says_why(bank):
    at = about(desk(), "li.wei")
    seen = texts(at)
    assert "As Relationship manager: customers of Li Wei 李伟 (E0001)." in seen
    assert "Shows names, numbers and birth dates, profit and revenue. Files may be taken." in seen
    assert "Opens: Overview, Customers, Customer, Segments" in seen
    assert "Loaded with the data." in seen


def test_nobody_found_is_said(bank):
    assert "Nobody with “zzz”" in texts(about(desk(), "zzz"))


def test_a_steward_gives_changes_and_revokes(bank, bank_store):
    at = given(desk(), NEW, employee="E0001")
    assert "Done, and recorded" in at.success[0].value
    assert held(bank, bank_store, NEW) == (Grant(NEW, "relationship_manager", "own", "E0001"),)
    at = about(at, NEW)
    columns = next(
        box for box in at.multiselect if str(box.key).startswith("change_") and "columns" in box.key
    )
    columns.set_value(["profit"])
    at = pressed(at, "change")
    assert held(bank, bank_store, NEW)[0].columns == {"profit"}
    at = pressed(at, "expire")
    assert held(bank, bank_store, NEW)[0].valid_until is not None
    at = pressed(at, "revoke")
    assert held(bank, bank_store, NEW) == ()
    assert "Revoked" in texts(at)
    assert [entry.action for entry in bank_store.audit.entries(person=STEWARD)][:4] == [
        "grant revoked",
        "grant changed",
        "grant changed",
        "grant given",
    ]


def test_a_bank_wide_grant_waits_until_the_second_steward_confirms_it(bank, bank_store):
    at = given(desk(), NEW, "analyst", level="bank")
    assert "waits for a second steward" in at.success[0].value
    assert held(bank, bank_store, NEW) == ()
    number = bank_store.proposals.waiting()[0].id
    assert not [button for button in at.button if button.key == f"confirm_{number}"]
    at = desk(SECOND_STEWARD)
    assert "1 decision waits for a second steward" in at.title[0].value
    assert f"Asked by {STEWARD}" in texts(at)
    pressed(at, f"confirm_{number}")
    assert held(bank, bank_store, NEW) == (Grant(NEW, "analyst", "bank"),)


def test_a_waiting_grant_can_be_taken_back_or_refused(bank, bank_store):
    for persona in (STEWARD, SECOND_STEWARD):
        at = given(desk(), NEW, "steward")
        number = bank_store.proposals.waiting()[0].id
        at = at if persona == STEWARD else desk(SECOND_STEWARD)
        pressed(at, f"refuse_{number}")
        assert bank_store.proposals.waiting() == []
    assert held(bank, bank_store, NEW) == ()


def test_a_steward_widens_nothing_of_their_own(bank, bank_store):
    before = held(bank, bank_store, STEWARD)
    at = about(desk(), STEWARD)
    assert "only another data steward decides" in texts(at)
    assert not [button for button in at.button if button.key in ("change", "expire", "revoke")]
    at = given(at, STEWARD.upper(), employee="E0001")
    assert "Nobody decides about their own grants" in at.error[0].value
    assert held(bank, bank_store, STEWARD) == before
    assert bank_store.audit.entries(action="refused")[0].person == STEWARD


def test_what_is_missing_in_the_form_is_told(bank):
    at = given(desk(), "not an address", employee="E0001")
    assert "not an e" in at.error[0].value
    at = given(at, NEW)
    assert at.success
    at = given(desk(), NEW, level="branch")
    assert "no branch" in at.error[0].value


def test_a_books_size_is_told_in_steps_and_the_question_recorded(bank, bank_store):
    at = pressed(about(desk(), RM), f"size_{RM}")
    said = next(info.value for info in at.info if "At least" in info.value)
    assert int(said.split()[2].replace(",", "")) % 5 == 0
    assert bank_store.audit.entries(limit=1)[0].action == "book size asked"
    at = pressed(at, "size")  # nobody's customers
    assert any("Fewer than 5 customers" in info.value for info in at.info)


def test_what_holds_for_everybody_is_tightened_alone_and_loosened_by_two(bank, bank_store):
    at = desk()
    at.number_input(key="floor_0").set_value(10)
    at = pressed(at, "keep_policy")
    now = bank_store.policies.current()
    assert (now.floor, now.daily_exports) == (10, None)
    at.number_input(key=f"floor_{now.version}").set_value(5)
    at = pressed(at, "keep_policy")
    assert bank_store.policies.current() == now
    assert "For everybody: floor 5" in texts(at)
    pressed(desk(SECOND_STEWARD), f"confirm_{bank_store.proposals.waiting()[0].id}")
    assert bank_store.policies.current().floor == 5


def test_an_address_becomes_no_link(bank, bank_store):
    for email in ("[x](http://evil.example)@x", "www.evil.example@x", "http://evil.example/@x"):
        bank_store.grants.give(Grant(email, "analyst", "own", "E0099"), by=STEWARD)
        at = about(desk(), email)
        shown = [
            element.value for element in [*at.markdown, *at.subheader, *at.caption] if "evil" in element.value
        ]
        assert shown == [plain(email)]  # tests/e2e/test_walks.py sees that a browser makes no link of it
