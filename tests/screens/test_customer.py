"""The Customer page and the alerts on the Overview, as each role and column class has them."""

from datetime import date, timedelta

import pytest

from analytics.access.book import Book
from analytics.alerts.report import ALERTS, alerts, unmarked
from analytics.store.store import open_store
from analytics.translation import in_language
from analytics.warehouse.engine import open_warehouse
from tests.permissions import SOMEBODY, hold
from tests.screens.session import (
    ANALYST,
    BRANCH_MANAGER,
    RM,
    STEWARD,
    address,
    opened,
    table_with,
    texts,
    turn_to,
    whole,
)

TABS = ["Profile", "Notes and next steps", "Products", "Profit lines", "Segments", "Indicators", "Referred customers",
        "Contacts and answers", "Booked transactions"]  # fmt: skip


def book_of(bank, persona):
    return Book.open(open_warehouse(bank), open_store(None, bank), persona)


def first_of(bank, persona):
    return str(book_of(bank, persona).frame(())["customer_id"].iloc[0])


def tab(at, name):
    at.session_state["customer_tab_en"] = name
    return whole(at.run())


def names_of(at):
    return [one.label for one in at.tabs if one.label in TABS]


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_the_page_answers_who_this_is_in_its_sentence_and_four_tiles(bank, persona):
    number = first_of(bank, persona)
    at = whole(opened("customer", persona=persona, link={"on_customer": number}))
    book = book_of(bank, persona)
    known, figures = book.attributes(number), book.frame_of(number, ("profit_12m", "tenure_years"))
    assert at.title[0].value.replace("\\", "").startswith(f"{known['name']}: profit of CNY")
    assert "customer since" in at.title[0].value
    assert [metric.label for metric in at.metric] == [
        "Profit",
        "Higher than",
        "Lifetime value",
        "Years with the bank",
    ]
    assert at.metric[3].value == f"{figures['tenure_years']:.1f}"
    assert names_of(at) == TABS
    assert len(at.get("plotly_chart")) == 1


def test_every_tab_shows_its_part_and_computes_no_other(bank):
    number = first_of(bank, RM)
    at = whole(opened("customer", persona=RM, link={"on_customer": number}))
    assert number in table_with(at, "attribute", "recorded")["recorded"].tolist()
    assert len(at.dataframe) == 1
    indicators = table_with(tab(at, "Indicators"), "Indicator", "Figure", "Higher than")
    assert len(indicators) == len(book_of(bank, RM).usable())
    assert "Peers are the other customers of your book" in texts(at)
    tab(at, "Products")
    assert "account_id" in at.dataframe[0].value
    tab(at, "Profit lines")
    assert "profit" in at.dataframe[0].value
    tab(at, "Segments")
    assert "In segment" in texts(at)
    assert len(at.dataframe) == 1  # of the recipe in use; the bank's standard waits until it is opened
    tab(at, "Booked transactions")
    assert "booked_at" in at.dataframe[0].value
    for name in ("Referred customers", "Contacts and answers"):
        tab(at, name)


def test_a_saved_recipe_is_among_the_segments(bank, bank_store):
    bank_store.recipes.save(RM, "Mine", 'title = "Mine"\n[method]\nkey = "value_tiers"\n')
    at = whole(opened("customer", persona=RM, link={"on_customer": first_of(bank, RM)}))
    tab(at, "Segments")
    assert "Mine" in [one.label for one in at.expander]


def test_without_profit_the_page_has_no_word_of_it(bank, bank_store):
    hold(bank_store, open_warehouse(bank), "analyst", "pii")
    at = whole(opened("customer", persona=SOMEBODY, link={"on_customer": "C0000008"}))
    assert "Profit lines" not in names_of(at)
    assert next(metric.label for metric in at.metric) == "Money in"
    for name in [name for name in TABS if name != "Profit lines"]:
        tab(at, name)
        seen = [column for table in at.dataframe for column in table.value.columns]
        assert not {"profit_12m", "profit"} & set(seen)
        if name == "Indicators":
            assert not {"Profit", "Revenue", "Lifetime value"} & set(at.dataframe[0].value["Indicator"])


def test_without_pii_names_are_masked_and_nobody_has_a_birthday(bank, bank_store):
    at = whole(opened("customer", persona=ANALYST, link={"on_customer": "C0000008"}))
    assert "•••" in at.title[0].value
    told = table_with(at, "attribute", "recorded").set_index("attribute")["recorded"]
    assert told["Born"] == "•••"
    overview = whole(turn_to(at, "overview"))
    assert not [key for key in keys(overview) if "_birthday_" in key]
    assert "Birthday" not in texts(overview)


def test_nobody_chosen_yet_is_a_place_to_look_for_somebody(bank):
    at = whole(opened("customer", persona=RM))
    number = first_of(bank, RM)
    at.text_input(key="find_customer").set_value(number).run()
    assert table_with(at, "customer_id")["customer_id"].tolist() == [number]


def test_an_old_link_to_a_customer_still_opens_them_and_the_list_is_a_click_away(bank):
    at = whole(opened("customers", persona=RM, link={"on_customer": first_of(bank, RM)}))
    assert ": profit of CNY" in at.title[0].value
    assert address(at)["on_customer"] == first_of(bank, RM)
    at.button(key="back").click().run()
    assert "half of your" in whole(at).title[0].value
    assert "on_customer" not in address(at)
    at.session_state["shown_customer"] = first_of(bank, RM)
    whole(turn_to(at, "customer"))
    assert "half of your" in whole(turn_to(at, "customers")).title[0].value
    assert "on_customer" not in address(at)


def test_a_date_before_they_joined_is_said(bank):
    book = book_of(bank, ANALYST)
    rows = book.warehouse.query(
        "SELECT customer_id FROM customers ORDER BY onboarded_on DESC NULLS LAST LIMIT 1"
    )
    first = book.warehouse.month_ends[0].isoformat()
    at = opened(
        "customer", persona=ANALYST, link={"on_customer": rows["customer_id"][0].as_py(), "as_of": first}
    )
    assert "had not joined" in whole(at).title[0].value
    for name in TABS:
        at.session_state["customer_tab_en"] = name
        assert not at.run().exception
        assert "not your fault" not in texts(at)


# --- notes


def test_a_note_and_a_step_are_kept_ticked_off_and_deleted(bank):
    number = first_of(bank, RM)
    at = tab(opened("customer", persona=RM, link={"on_customer": number}), "Notes and next steps")
    at.text_area(key=f"note_text_{number}_0").set_value("**Bold** plan\n[x](https://evil.example)")
    at.button(key="keep_note").click().run()
    assert "**Bold** plan" in texts(whole(at))
    assert "](https://evil" not in "".join(str(one.value) for one in at.markdown)
    assert "Note of" in texts(at)
    at.text_area(key=f"note_text_{number}_1").set_value("Call back")
    at.date_input(key=f"note_due_{number}_1").set_value(date.today() - timedelta(days=1))
    at.button(key="keep_note").click().run()
    assert "Step overdue since" in texts(whole(at))
    overview = whole(turn_to(at, "overview"))
    assert "Your next steps" in texts(overview)
    assert "Call back" in texts(overview)
    tab(turn_to(at, "customer"), "Notes and next steps")
    step = next(key for key in keys(at) if key.startswith("settle_"))
    at.button(key=step).click().run()
    assert "Step done on" in texts(whole(at))
    for key in [key for key in keys(at) if key.startswith("forget_")]:
        at.button(key=key).click().run()
    assert "Call back" not in texts(whole(at))


def test_nothing_is_kept_of_nothing(bank):
    at = tab(opened("customer", persona=RM, link={"on_customer": first_of(bank, RM)}), "Notes and next steps")
    at.button(key="keep_note").click().run()
    assert "There is nothing to keep" in texts(at)


def test_another_person_sees_no_note_of_mine(bank, bank_store):
    number = first_of(bank, RM)
    bank_store.notes.add(RM, number, "only mine")
    at = tab(opened("customer", persona=ANALYST, link={"on_customer": number}), "Notes and next steps")
    assert "only mine" not in texts(at)
    assert "only mine" in texts(
        tab(opened("customer", persona=RM, link={"on_customer": number}), "Notes and next steps")
    )


# --- alerts


def keys(at):
    return [str(button.key) for button in at.button]


def open_alerts(bank, persona, said=None):
    book = book_of(bank, persona)
    found = alerts(book, book.as_of(), said, date.today(), "profit_12m")
    return unmarked(found, open_store(None, bank).marks.of(persona))


@pytest.mark.parametrize("persona", [RM, BRANCH_MANAGER, ANALYST])
def test_the_overview_counts_what_there_is_to_look_at(bank, persona):
    at = whole(opened(persona=persona))
    assert f"{len(open_alerts(bank, persona)):,} things to look at" in texts(at)


def test_an_alert_is_done_or_dismissed_and_taken_back(bank, bank_store):
    at = whole(opened(persona=RM))
    before = len(open_alerts(bank, RM))
    done = next(key for key in keys(at) if key.startswith("done_"))
    at.button(key=done).click().run()
    assert f"{before - 1:,} things to look at" in texts(whole(at))
    assert done not in keys(at)
    dismissed = next(key for key in keys(at) if key.startswith("dismissed_"))
    at.button(key=dismissed).click().run()
    assert f"{before - 2:,} things to look at" in texts(whole(at))
    assert {mark.outcome for mark in bank_store.marks.of(RM)} == {"done", "dismissed"}
    again = whole(opened(persona=RM))
    assert f"{before - 2:,} things to look at" in texts(again)
    assert f"{len(open_alerts(bank, ANALYST)):,} things to look at" in texts(whole(opened(persona=ANALYST)))
    again.session_state["more_alerts"] = True
    whole(again.run())
    again.button(key=done.replace("done_", "back_", 1)).click().run()
    assert f"{before - 1:,} things to look at" in texts(whole(again))


def test_ones_own_thresholds_hold_until_they_are_given_up(bank, bank_store):
    at = whole(opened(persona=RM))
    at.session_state["more_alerts"] = True
    whole(at.run())
    usual = len(open_alerts(bank, RM))
    assert "The data have no maturity dates" in texts(at)
    assert set(ALERTS) >= set(table_with(at, "sentence", "size")["alert"].str.lower()) or len(at.dataframe)
    at.number_input(key="limit_review_months").set_value(120.0)
    at.number_input(key="limit_outflow_share").set_value(5.0)
    at.button(key="use_thresholds").click().run()
    own = {"review": {"months": 120}, "outflow": {"share": 0.05}}
    now = len(open_alerts(bank, RM, own))
    assert now != usual
    assert f"{now:,} thing" in texts(whole(at))
    assert f"{now:,} thing" in texts(whole(opened(persona=RM)))
    assert bank_store.defaults.get(RM)["alerts"]["outflow"]["share"] == pytest.approx(0.05)
    at.button(key="usual_thresholds").click().run()
    assert f"{usual:,} thing" in texts(whole(at))


def test_the_terms_of_deposits_make_them_mature(bank, bank_store):
    products = {"D02": 12, "D03": 36}
    bank_store.defaults.set(ANALYST, {"alerts": {"maturing": {"days": 365, "terms": products}}})
    at = whole(opened(persona=ANALYST))
    found = open_alerts(bank, ANALYST, {"maturing": {"days": 365, "terms": products}})
    assert "maturing" in set(found["alert"])
    assert "Maturing deposit" in texts(at)


def test_thresholds_that_make_no_sense_any_more_are_the_usual_ones(bank, bank_store):
    bank_store.defaults.set(RM, {"alerts": {"outflow": {"share": 99}}})
    assert f"{len(open_alerts(bank, RM)):,} things to look at" in texts(whole(opened(persona=RM)))
    bank_store.defaults.set(RM, {"alerts": ["nonsense"]})
    assert f"{len(open_alerts(bank, RM)):,} things to look at" in texts(whole(opened(persona=RM)))


def test_a_click_on_an_alert_opens_its_customer(bank):
    at = whole(opened(persona=RM))
    key = next(key for key in keys(at) if key.startswith("open_"))
    at.button(key=key).click().run()
    assert address(whole(at))["on_customer"] in key
    assert ": profit of CNY" in at.title[0].value


def test_who_opens_no_customers_reads_alerts_without_a_way_to_them(bank, bank_store):
    hold(bank_store, open_warehouse(bank), "teller", "pii,profit")
    at = whole(opened(persona=SOMEBODY))
    assert "things to look at" in texts(at)
    assert not [key for key in keys(at) if key.startswith("open_")]


def test_a_steward_has_neither(bank):
    at = opened(persona=STEWARD)
    assert "things to look at" not in texts(at)


def test_what_the_data_say_is_in_the_readers_language(bank):
    number = first_of(bank, RM)
    known = book_of(bank, RM).attributes(number)
    told = {}
    for language in ("en", "zh_CN"):
        with in_language(language):  # AppTest writes out a widget's options in the test's own language
            at = whole(opened("customer", persona=RM, link={"on_customer": number, "lang": language}))
        told[language] = table_with(at, "attribute", "recorded")["recorded"].tolist()
    assert {"business": "business", "personal": "private customer"}[known["customer_type"]] in told["en"]
    assert {"business": "企业", "personal": "个人"}[known["customer_type"]] in told["zh_CN"]
    assert known["name"] in told["zh_CN"]


def test_the_tabs_say_what_the_data_say_in_the_readers_language(bank):
    with in_language("zh_CN"):
        number = first_of(bank, RM)
        at = whole(opened("customer", persona=RM, link={"on_customer": number, "lang": "zh_CN"}))
        assert "推荐的客户" in [one.label for one in at.tabs]
        at.session_state["customer_tab_zh_CN"] = "指标"
        figures = table_with(whole(at.run()), "指标", "数值").set_index("指标")["数值"]
    assert figures["客户类型"] in ("个人", "企业")
    assert figures["地区"] in ("华东", "华南", "华北", "华中", "西部", "东北")
    assert "East" not in texts(at)


def test_half_of_those_who_have_a_figure_is_said_of_them_alone(bank):
    column = book_of(bank, RM).frame(("balance_average_3m",))["balance_average_3m"]
    at = whole(opened("customers", persona=RM, link={"value": "balance_average_3m"}))
    assert 0 < column.isna().sum() < len(column)
    assert f"half of your {column.notna().sum()} customers with a figure lie between" in at.title[
        0
    ].value.replace("\\", "")
