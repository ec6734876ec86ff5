"""Nobody's text becomes a link, a picture, a format or a tag on somebody's screen."""

import json

import pytest

from tests.screens.session import RM, marked, opened, segments_of, texts, turn_to, whole

PIXEL = "![a](https://evil.example/p.png)"
NAMES = [PIXEL, "[click](https://evil.example)", "<script>alert(1)</script>", "=HYPERLINK(\"https://evil.example\")",
         "**bold** _it_ `code`", "# heading", ":material/home: $x^2$ :red[x]"]  # fmt: skip


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


CUSTOMERS = "customer_id,name,district_id,branch_id,onboarded_on\n" + "".join(
    f"K{n},{quoted(name)},D{n % 2},B1,2024-01-0{n + 1}\n" for n, name in enumerate(NAMES)
)
TRANSACTIONS = "customer_id,booked_at,amount,kind\n" + "".join(
    f"K{n},2025-0{month}-15,{(n + 1) * month * 100},{quoted(NAMES[n])}\n"
    for n in range(len(NAMES))
    for month in range(1, 8)
)
DISTRICTS = f"district_id,name,region\nD0,{quoted(PIXEL)},{quoted(PIXEL)}\nD1,East,East\n"


@pytest.fixture
def hostile(own_bank):
    return own_bank(customers=CUSTOMERS, transactions=TRANSACTIONS, districts=DISTRICTS)


def live(at):
    """Text on the screen in which something foreign would come to life."""
    labels = [popover.proto.popover.label for popover in at.get("popover")]
    seen = marked(at) + "\n".join(labels)
    marks = ("](https://evil", "<script>", "**bold**", ":red[x]", "`code`")
    return [mark for mark in marks if mark in seen]


def test_names_stand_as_they_are_in_tables_and_nowhere_as_markup(hostile):
    at = opened()
    for page in ("overview", "customers", "segments", "value", "glossary"):
        whole(turn_to(at, page))
        assert not live(at)
        names = [
            name for table in at.dataframe if "name" in table.value.columns for name in table.value["name"]
        ]
        if page in ("customers", "value"):
            assert set(NAMES) <= set(names)


def test_customers_pages_and_sentences_show_names_and_labels_as_they_stand(hostile):
    at = opened("customers", link={"on_feature": "region"})
    assert PIXEL in texts(whole(at))
    assert not live(at)
    turn_to(at, "customer")
    for number, name in enumerate(NAMES):
        at.session_state["shown_customer"] = f"K{number}"
        whole(at.run())
        assert not live(at)
        assert texts(at).startswith(name)


def test_a_rule_named_by_somebody_is_no_markup_on_the_page_of_whoever_opens_the_link(bank):
    rules = [
        {"name": PIXEL, "where": "tenure_years >= 2"},
        {"name": "**bold**", "where": "tenure_years >= 900"},
    ]
    at = whole(opened("segments", persona=RM, link={"method": "named_rules", "set_rules": json.dumps(rules)}))
    assert PIXEL in segments_of(at)["name"].tolist()
    assert not live(at)
    at.session_state["by_group"] = True
    turn_to(at, "value")
    assert not live(at)


@pytest.mark.parametrize("where", [f"region in ('{PIXEL}')", f"not region = '{PIXEL}'"])
def test_a_filter_from_a_link_is_no_markup_in_labels_and_errors(bank, where):
    link = {"method": "kmeans", "indicators": "profit_12m,tenure_years", "where": where, "on_filter": where}
    at = opened("segments", persona=RM, link=link)
    assert not at.exception
    assert not live(at)
    turn_to(at, "customers")
    assert not live(at)


@pytest.mark.parametrize("wrong", [PIXEL, f"{PIXEL} > 1", f"tenure_years > {PIXEL}", f"'{PIXEL}' = region"])
def test_a_filter_that_cannot_be_read_is_quoted_as_it_stands(bank, wrong):
    at = opened("customers", persona=RM, link={"on_filter": wrong})
    assert not at.exception
    assert at.error
    assert not live(at)
    turn_to(at, "segments")
    at.text_area(key="form_where").set_value(wrong).run()
    assert at.error
    assert not live(at)


def test_what_one_typed_is_quoted_as_it_stands(bank):
    at = whole(opened("customers", persona=RM))
    at.text_input(key="find_customer").set_value(PIXEL).run()
    assert PIXEL in texts(at)
    assert not live(at)
    turn_to(at, "glossary")
    at.text_input(key="glossary_search").set_value(PIXEL).run()
    assert not live(at)


def test_the_name_of_a_shared_recipe_is_no_markup(bank, bank_store):
    toml = '[method]\nkey = "value_tiers"\n'
    bank_store.recipes.save("chen.jing@demo.example", PIXEL, toml, [("person", RM)])
    at = whole(opened("segments", persona=RM))
    assert PIXEL in next(box for box in at.selectbox if box.key == "saved_recipe").options[0]
    assert not live(at)
    at.button(key="load_recipe").click().run()
    assert not live(whole(at))
