"""Addresses: what a link carries, whose book it opens, and what a hostile one can do."""

import json
from datetime import datetime

import pytest

from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    STEWARD,
    address,
    marked,
    members_of,
    opened,
    segments_of,
    table_with,
    texts,
    turn_to,
    whole,
)

GOOD = {"method": "kmeans", "indicators": "profit_12m,tenure_years", "set_segments": "3"}
PIXEL = "![x](https://evil.example/p.png)"
SCRIPT = "<script>alert(1)</script>"
SQL = "1=1'; DROP TABLE customers; --"
HOSTILE = [
    {"method": "astrology"},
    {"method": SCRIPT},
    {"method": "kmeans", "set_segments": "1e999"},
    {"method": "kmeans", "set_segments": "NaN"},
    {"method": "kmeans", "set_segments": "99999999999999999999999"},
    {"method": "kmeans", "set_segments": "[" * 5000},
    {"method": "kmeans", "set_segments": '{"a": {"b": []}}'},
    {"method": "kmeans", "set_unheard_of": "1"},
    {"method": "kmeans", "set_key": '"rfm"'},
    {"method": "kmeans", "set_seed": '"x"'},
    {"method": "kmeans", "seed": "-1"},
    {"method": "kmeans", "seed": "1" * 5000},
    {"method": "kmeans", "seed": "4294967295"},
    {"method": "kmeans", "seed": "²"},
    {"method": "kmeans", "indicators": SQL},
    {"method": "kmeans", "indicators": "profit_12m," * 400},
    {"method": "kmeans", "indicators": "profit_12m,region", "where": SQL},
    {"method": "kmeans", "indicators": "profit_12m,region", "where": "(" * 3000},
    {"method": "kmeans", "indicators": "profit_12m,region", "where": "not " * 3000 + "tenure_years > 1"},
    {"method": "kmeans", "indicators": "profit_12m,region", "where": "customer_no = 1"},
    {"method": "named_rules", "set_rules": '[{"name": "x"}]'},
    {"method": "named_rules", "set_rules": '"rules"'},
    {"method": "named_rules", "set_rules": json.dumps([{"name": "x", "where": SQL}])},
    {"method": "rfm", "set_recency": '"nothing_like_it"'},
    {"method": "rfm", "set_recency": '"gender"'},
    {"method": "rfm", "set_binning": "[]"},
    {"method": "value_tiers", "set_scheme": '"thresholds"', "set_thresholds": '["a"]'},
    {"method": "value_tiers", "set_scheme": '"thresholds"', "set_thresholds": "[1e308, 1e309]"},
    {"method": "value_tiers", "set_tiers": "-5"},
    {"value": "religion"},
    {"value": SQL},
    {"as_of": "9999-99-99"},
    {"as_of": "0001-01-31"},
    {"as_of": SCRIPT},
    {"lang": "../../etc/passwd"},
    {"lang": "tlh"},
    {"on_feature": SCRIPT},
    {"on_filter": SQL},
    {"on_filter": "(" * 3000},
    {"on_customer": SQL},
    {"on_segment_number": "77"},
    {"on_anything": "else", "unheard": "of"},
    {"persona": STEWARD, "email": ANALYST, "begun_for": ANALYST, "book": "x"},
]


@pytest.mark.parametrize("link", HOSTILE, ids=lambda link: " ".join(f"{k}={v[:24]}" for k, v in link.items()))
def test_an_address_that_makes_no_sense_never_breaks_a_page(bank, link):
    on_customers = any(key.startswith("on_") for key in link)
    at = opened("customers" if on_customers else "segments", persona=RM, link=link)
    assert not at.exception
    assert "not your fault" not in texts(at)
    assert at.caption[0].value.startswith("Li Wei")
    assert not any(text in marked(at) for text in (SCRIPT, PIXEL))
    assert at.session_state["value"] != link.get("value")


def test_what_a_link_gets_wrong_falls_back_to_the_defaults(bank):
    default = address(whole(opened("segments", persona=RM)))
    wrong = {"method": "astrology", "as_of": "1999-12-31", "value": "gold", "lang": "tlh", "unheard": "of"}
    assert address(whole(opened("segments", persona=RM, link=wrong))) == default


def test_a_link_reproduces_the_view(bank):
    at = whole(opened(persona=RM))
    earlier = at.session_state["book"].warehouse.month_ends[-4].isoformat()
    link = GOOD | {"as_of": earlier, "value": "credit_amount_12m", "where": "tenure_years >= 1"}
    first = whole(opened("segments", persona=RM, link=link))
    second = whole(opened("segments", persona=RM, link=address(first)))
    assert segments_of(first).equals(segments_of(second))
    assert members_of(first).equals(members_of(second))
    assert address(first) == address(second)
    assert second.session_state["as_of"] == earlier


@pytest.mark.parametrize("persona", [BRANCH_MANAGER, ANALYST])
def test_somebody_elses_link_shows_the_same_view_of_ones_own_book(bank, persona):
    link = address(whole(opened("segments", persona=RM, link=GOOD)))
    theirs = whole(opened("segments", persona=persona, link=link))
    assert len(segments_of(theirs)) == 3
    assert segments_of(theirs)["customers"].sum() == theirs.session_state["book"].count()
    assert "Li Wei" not in texts(theirs)


def test_a_link_to_a_customer_opens_only_in_a_book_that_holds_them(bank):
    mine = members_of(whole(opened("segments", persona=RM)))["customer_id"].tolist()
    bankwide = whole(opened("customers", persona=ANALYST))
    theirs = next(
        number
        for number in table_with(bankwide, "customer_id", "profit_12m")["customer_id"]
        if number not in mine
    )
    assert whole(opened("customers", persona=ANALYST, link={"on_customer": theirs})).title
    at = opened("customers", persona=RM, link={"on_customer": theirs})  # where links led once
    assert not at.title
    at = opened("customer", persona=RM, link={"on_customer": theirs})
    assert not at.title
    assert at.error[0].value.startswith("**There is no customer")


def test_a_link_with_indicators_that_the_viewer_may_not_see_shows_none_of_them(bank, bank_store):
    at = whole(
        opened("segments", persona=ANALYST, link={"method": "kmeans", "indicators": "profit_12m,age_years"})
    )
    assert "profit_12m" in members_of(at).columns or "profit" in at.title[0].value.lower()


def test_another_person_at_the_same_browser_starts_afresh(bank):
    at = whole(opened("segments", persona=RM, link=GOOD))
    at.session_state["shown_customer"] = "C0000001"
    at.selectbox(key="persona").set_value(ANALYST).run()
    whole(at)
    assert address(at)["method"] == "kmeans"
    assert "set_segments" not in address(at)
    assert "on_customer" not in address(at)
    assert len(segments_of(at)) != 3


def test_a_box_of_the_sidebar_that_is_drawn_anew_starts_from_what_is_chosen(bank):
    plain = whole(opened(persona=BRANCH_MANAGER)).sidebar
    month = datetime.strptime(plain.selectbox(key="as_of").options[1], "%d %B %Y").date().isoformat()
    worth = plain.selectbox(key="value").options.index("Money in")
    link = {"as_of": month, "lang": "zh_CN", "value": "credit_amount_12m"}
    boxes = whole(opened(persona=BRANCH_MANAGER, link=link)).sidebar
    starts = {
        key: boxes.selectbox(key=key).proto.default for key in ("as_of", "value", "language", "persona")
    }
    assert starts == {"as_of": 1, "value": worth, "language": 1, "persona": 1}
    assert worth > 0


def test_another_page_keeps_the_address_when_the_navigation_drops_it(bank):
    at = whole(opened(persona=RM, link={"value": "credit_amount_12m"}))
    kept = address(at)
    at.query_params.clear()
    assert address(whole(turn_to(at, "glossary"))) == kept
