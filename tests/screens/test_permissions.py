"""Role by page by column class: every cell of the table, on the screens."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from analytics.warehouse.engine import open_warehouse
from tests.permissions import CLASSES, OPENS, PAGES, SOMEBODY, WITH_ROWS, hidden_words, hold, opened_by
from tests.screens.session import (
    NO_SUCH_PAGE,
    RM,
    STEWARD,
    members_of,
    opened,
    payload,
    turn_to,
    whole,
)


@pytest.fixture
def here(bank):
    return open_warehouse(bank)


@pytest.mark.parametrize("role", OPENS)
def test_a_role_opens_its_pages_and_no_other(bank_store, here, role):
    hold(bank_store, here, role, "pii,sensitive,profit")
    at = opened(persona=SOMEBODY)
    for page in PAGES:
        if page in opened_by(role):
            whole(turn_to(at, page))
        else:
            with pytest.raises(ValueError, match=NO_SUCH_PAGE):
                turn_to(at, page)


@pytest.mark.parametrize("role", OPENS)
@pytest.mark.parametrize("may_export", [False, True])
def test_files_are_offered_to_whoever_may_take_them_and_sees_rows(bank_store, here, role, may_export):
    hold(bank_store, here, role, "profit", may_export=may_export)
    at = whole(opened(persona=SOMEBODY))
    offered = 0
    for page in opened_by(role):
        offered += len(whole(turn_to(at, page)).get("download_button"))
    assert bool(offered) == (may_export and "segments" in opened_by(role))


@pytest.mark.parametrize("columns", CLASSES)
def test_no_word_of_a_class_that_is_not_granted_is_in_the_bytes_of_any_screen(bank_store, here, columns):
    hold(bank_store, here, "analyst", columns)
    hidden = [word.encode() for word in hidden_words(here, columns.split(","))]
    at = opened(
        persona=SOMEBODY, link={"indicators": "religion,lifestyle,credit_amount_12m", "method": "value_tiers"}
    )
    for page in opened_by("analyst"):
        sent = payload(whole(turn_to(at, page)))
        assert not [word for word in hidden if word in sent or json.dumps(word.decode()).encode() in sent]
        if "profit" not in columns and page != "glossary":
            assert not re.search(rb'"(profit|revenue)_12m"', sent)


@pytest.mark.parametrize("columns", CLASSES)
def test_a_customers_page_shows_the_classes_that_are_granted(bank_store, here, columns):
    hold(bank_store, here, "analyst", columns)
    person = here.query(
        "SELECT customer_id, name, id_number, religion FROM customers WHERE religion <> 'none' LIMIT 1"
    ).to_pylist()[0]
    at = opened("customer", persona=SOMEBODY)
    at.session_state["shown_customer"] = person["customer_id"]
    seen = payload(whole(at.run())).decode(errors="replace")
    assert person["customer_id"] in seen
    assert (person["name"] in seen) == ("pii" in columns)
    assert "pii" in columns or person["id_number"] not in seen
    assert (person["religion"] in seen) == ("sensitive" in columns)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    role=some.sampled_from(sorted(WITH_ROWS - {"teller"})),
    place=some.sampled_from(
        [
            ("own", "E0001", None),
            ("own", "E0003", None),
            ("branch", None, "B011"),
            ("branch", None, "B021"),
            ("region", None, "no such unit"),
            ("own", None, None),
        ]
    ),
    departments=some.sampled_from(["", "Retail", "Wealth", "Nowhere"]),
    columns=some.sampled_from(CLASSES),
    recipe=some.fixed_dictionaries(
        {
            "method": some.sampled_from(["value_tiers", "rfm", "kmeans", "life_stage", "matrix"]),
            "indicators": some.lists(
                some.sampled_from(
                    ["profit_12m", "credit_amount_12m", "tenure_years", "religion", "age_years"]
                ),
                min_size=1,
                max_size=4,
                unique=True,
            ).map(",".join),
            "where": some.sampled_from(["", "tenure_years >= 1", "gender = 'female'", "religion = 'none'"]),
        }
    ),
)
def test_whatever_the_grant_and_the_recipe_nobody_outside_the_scope_is_in_the_bytes(
    bank_store, here, role, place, departments, columns, recipe
):
    level, employee, unit = place
    hold(
        bank_store,
        here,
        role,
        columns,
        level=level,
        employee_id=employee,
        unit_id=unit,
        departments=departments,
    )
    column, value = ("manager_id", employee) if level == "own" else ("branch_id", unit)
    inside = set(
        here.query(
            f"SELECT customer_id FROM customer_now WHERE {column} = ? AND (? = '' OR department = ?)",
            [value, departments, departments],
        )["customer_id"].to_pylist()
    )
    everybody = here.query("SELECT customer_id FROM customer_now")["customer_id"].to_pylist()
    outside = {one.encode() for one in everybody if one not in inside}
    hidden = [word.encode() for word in hidden_words(here, columns.split(","))]
    at = opened(persona=SOMEBODY, link={name: text for name, text in recipe.items() if text})
    for page in ("overview", "customers", "segments", "value"):
        sent = payload(turn_to(at, page))
        assert not at.exception
        assert not outside & set(re.findall(rb"C\d{6,}", sent))
        assert not [word for word in hidden if word in sent]


def test_equal_names_and_different_scopes_share_a_warm_cache_and_nothing_else(bank_store, here):
    """Two people of one name, one after the other in one process: what is kept for one is not the other's."""
    books = {}
    for email, branch in ((RM, "B011"), (STEWARD, "B021")):
        hold(bank_store, here, "manager", "pii,profit", email=email, level="branch", unit_id=branch)
    for email in (RM, STEWARD, RM):
        books.setdefault(email, set()).update(
            members_of(whole(opened("segments", persona=email)))["customer_id"]
        )
    assert books[RM]
    assert books[STEWARD]
    assert not books[RM] & books[STEWARD]


def test_a_scope_that_is_narrowed_while_a_page_is_open_shows_at_the_next_rerun(bank_store, here):
    hold(bank_store, here, "manager", "pii,profit", level="branch", unit_id="B011")
    at = whole(opened("segments", persona=SOMEBODY))
    before = set(members_of(at)["customer_id"])
    hold(bank_store, here, "manager", "profit", level="own", employee_id="E0001")
    at = whole(at.run())
    after = members_of(at)
    mine = here.query("SELECT customer_id FROM customer_now WHERE manager_id = 'E0001'")[
        "customer_id"
    ].to_pylist()
    assert set(after["customer_id"]) <= set(mine)
    assert before - set(mine)
    assert after["name"].str.contains("•").all()
