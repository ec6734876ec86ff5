"""Who can open what."""

import re
from dataclasses import replace

import pytest

from analytics.access.grants import Grant
from analytics.access.personas import PERSONAS
from pages._ui.navigation import PAGE_ROWS
from tests.screens.session import (
    ANALYST,
    AUDITOR,
    BACK_OFFICE,
    BRANCH_MANAGER,
    NO_SUCH_PAGE,
    RM,
    SECOND_STEWARD,
    STEWARD,
    members_of,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

MY_BOOK = {
    "overview",
    "customers",
    "customer",
    "segments",
    "compare",
    "value",
    "profit",
    "lifetime",
    "movement",
    "glossary",
}
OPENS = {
    RM: MY_BOOK | {"needs", "campaigns"},
    BRANCH_MANAGER: MY_BOOK | {"needs", "campaigns", "volumes", "team", "review"},
    ANALYST: MY_BOOK | {"volumes", "team", "review"},
    BACK_OFFICE: {"volumes", "glossary"},
    STEWARD: {"rates", "data", "access", "glossary"},
    SECOND_STEWARD: {"rates", "data", "access", "glossary"},
    AUDITOR: {"audit", "glossary"},
}
EVERY_PAGE = [row.key for row in PAGE_ROWS]
TELLER = Grant("sun.tao@demo.example", "teller", "own", employee_id="E0001")


@pytest.mark.parametrize("persona", OPENS)
def test_a_persona_opens_the_pages_of_their_role_and_no_others(bank, persona):
    at = whole(opened(persona=persona))
    for page in EVERY_PAGE:
        if page in OPENS[persona]:
            whole(turn_to(at, page))
        else:
            with pytest.raises(ValueError, match=NO_SUCH_PAGE):
                turn_to(at, page)


@pytest.mark.parametrize("persona", [BACK_OFFICE, STEWARD, AUDITOR])
def test_who_has_no_customer_rows_sees_none_and_still_reads_the_glossary(bank, persona):
    at = opened("glossary", persona=persona)
    assert "indicators" in at.title[0].value
    assert len(table_with(at, "Indicator", "Meaning")) > 40
    assert "customer_id" not in str([table.value.columns for table in at.dataframe])
    assert not [box for box in at.selectbox if box.key in ("as_of", "value")]


def test_another_role_opens_the_overview_and_the_glossary(bank, bank_store):
    bank_store.grants.give(TELLER, by=STEWARD)
    at = whole(opened("overview", persona=STEWARD))
    assert "customers" in at.caption[0].value
    whole(turn_to(at, "glossary"))
    for page in ("customers", "customer", "segments", "compare", "value", "profit", "lifetime", "movement"):
        with pytest.raises(ValueError, match=NO_SUCH_PAGE):
            turn_to(at, page)


def test_a_page_that_a_person_may_not_open_gives_nothing_when_the_persona_changes_on_it(bank):
    at = whole(opened("customers", persona=RM))
    book = re.search(r"[\d,]+ customers", texts(at))[0]
    at.selectbox(key="persona").set_value(STEWARD).run()
    assert not at.exception
    assert all("customer_id" not in table.value.columns for table in at.dataframe)
    assert book not in texts(at)


def test_a_revoked_grant_counts_at_the_next_rerun(bank, bank_store):
    at = whole(opened(persona=RM))
    mine = PERSONAS[0]
    held = Grant(
        mine.email, mine.role, mine.level, mine.employee_id, columns=frozenset(mine.columns.split(","))
    )
    bank_store.grants.revoke(held, by=STEWARD)
    at.run()
    assert not at.exception
    assert not at.metric
    with pytest.raises(ValueError, match=NO_SUCH_PAGE):
        turn_to(at, "overview")


def test_names_are_masked_for_who_may_not_see_them(bank):
    shown = members_of(whole(opened("segments", persona=BRANCH_MANAGER)))["name"]
    masked = members_of(whole(opened("segments", persona=ANALYST)))["name"]
    assert not shown.str.contains("•").any()
    assert masked.str.contains("•").all()


def test_a_file_can_be_taken_only_by_who_may(bank, bank_store):
    def downloads(at):
        return at.get("download_button")

    assert len(downloads(whole(opened("segments", persona=RM)))) == 2
    at = whole(opened("segments", persona=ANALYST))
    assert not downloads(at)
    assert "do not allow files" in texts(at)


def test_without_the_class_profit_nothing_made_from_profit_is_on_screen(bank, bank_store):
    bank_store.grants.give(replace(TELLER, role="analyst", level="bank", employee_id=None), by=STEWARD)
    at = opened(persona=STEWARD)
    assert at.session_state["value"] == "credit_amount_12m"
    for page in MY_BOOK - {"glossary"}:
        whole(turn_to(at, page))
        seen = [column for table in at.dataframe for column in table.value.columns]
        assert not {"profit_12m", "revenue_12m", "referred_profit_12m"} & set(seen)
        choices = [key for box in at.selectbox for key in box.options]
        assert "Profit" not in choices
    at = opened(persona=STEWARD, link={"value": "profit_12m", "indicators": "profit_12m", "method": "kmeans"})
    assert at.session_state["value"] != "profit_12m"
    turn_to(at, "segments")
    assert not at.exception
    assert "profit" not in at.title[0].value.lower() if at.title else True
