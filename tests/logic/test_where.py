"""A filter means the same in SQL and over a frame, and nothing typed into it reaches the SQL text."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput, UnknownName
from analytics.where import LONGEST, parse

UNITS = {"profit_12m": "currency", "products_held": "count", "region": "category", "gender": "category"}
TEXTS = ["East", "South", "", "O'Brien", 'a"b', "x'); DROP TABLE book; --", "东", "east", "\\"]
NUMBERS = [-1e6, -2.5, 0, 1, 3, 1e-9, 2**53 - 1]


@pytest.fixture(scope="module")
def book():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "row_no": np.arange(400),
            "profit_12m": rng.choice([*map(float, NUMBERS), np.nan], 400),
            "products_held": pd.array(rng.choice([0, 1, 3, 7], 400), dtype="Int64"),
            "region": pd.Series(rng.choice([*TEXTS, None], 400), dtype="str"),
            "gender": pd.Categorical(rng.choice(["f", "m", None], 400), categories=["m", "f"]),
        }
    )
    frame.loc[::7, "products_held"] = pd.NA
    connection = duckdb.connect()
    connection.register("given", frame.astype({"gender": "str"}))
    connection.execute("CREATE TABLE book AS SELECT * FROM given")
    return connection, frame


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


numeric = st.tuples(
    st.sampled_from(["profit_12m", "products_held"]),
    st.sampled_from(["=", "==", "!=", "<>", "<", "<=", ">", ">="]),
    st.sampled_from(NUMBERS).map(repr),
).map(" ".join)
textual = st.tuples(
    st.sampled_from(["region", "gender"]),
    st.sampled_from(["=", "!=", "<", ">="]),
    st.sampled_from([*TEXTS, "f", "m"]).map(quoted),
).map(" ".join)
listed = st.one_of(
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(
        lambda texts: f"region in ({', '.join(map(quoted, texts))})"
    ),
    st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3).map(
        lambda numbers: f"profit_12m NOT IN ({', '.join(map(repr, numbers))})"
    ),
)
emptiness = st.sampled_from(["profit_12m is empty", "gender is not null", "NOT region IS EMPTY"])
expressions = st.recursive(
    st.one_of(numeric, textual, listed, emptiness),
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        inner.map(lambda text: f"NOT {text}" if text[0] != "(" else text),
        st.tuples(inner, st.sampled_from([" and ", " or ", " AND "]), inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
    ),
    max_leaves=6,
)


@given(expressions)
@settings(max_examples=250, deadline=None)
def test_sql_and_frame_keep_the_same_customers(book, text):
    connection, frame = book
    condition = parse(text, UNITS)
    sql, values = condition.sql()
    kept = connection.cursor().execute(f"SELECT row_no FROM book WHERE {sql} ORDER BY row_no", values)
    assert [row[0] for row in kept.fetchall()] == frame["row_no"][condition.mask(frame)].tolist()


@given(expressions)
@settings(max_examples=60, deadline=None)
def test_a_filter_and_its_negation_share_no_customer(book, text):
    frame = book[1]
    yes, no = parse(text, UNITS).mask(frame), parse(f"not ({text})", UNITS).mask(frame)
    assert not (yes & no).any()


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_in_words(text):
    try:
        found = parse(text, UNITS).sql()
    except BadInput as error:
        found = (error.what, error.remedy)
    assert found[0]
    assert found[1] or "IS NULL" in found[0]


@pytest.mark.parametrize(
    "attack",
    [
        'profit_12m" > 0; DROP TABLE book; --',
        "profit_12m > 0; DROP TABLE book",
        "profit_12m > 0 union select 1",
        "profit_12m > (select 1)",
        "profit_12m > 0 -- comment",
        "profit_12m > 0 /* x */",
        "1 = 1",
        "true",
        "read_csv('/etc/passwd') = 'x'",
        "region = 'x' || 'y'",
        'region = "East"',
        "profit_12m between 1 and 2",
    ],
)
def test_sql_is_refused(attack):
    with pytest.raises(BadInput):
        parse(attack, UNITS)


def test_values_travel_as_parameters():
    sql, values = parse("region = 'x''); DROP TABLE book; --'", UNITS).sql()
    assert sql == '"region" = ?'
    assert values == ["x'); DROP TABLE book; --"]


def test_an_empty_indicator_fails_a_comparison_and_its_negation():
    frame = pd.DataFrame({"profit_12m": [1.0, np.nan, -1.0]})
    assert parse("profit_12m > 0").mask(frame).tolist() == [True, False, False]
    assert parse("not profit_12m > 0").mask(frame).tolist() == [False, False, True]
    assert parse("profit_12m > 0 or profit_12m is empty").mask(frame).tolist() == [True, True, False]


def test_and_binds_tighter_than_or():
    frame = pd.DataFrame({"a": [1.0, 0.0, 0.0], "b": [0.0, 1.0, 1.0], "c": [0.0, 1.0, 0.0]})
    assert parse("a = 1 or b = 1 and c = 1").mask(frame).tolist() == [True, True, False]
    assert parse("(a = 1 or b = 1) and c = 1").mask(frame).tolist() == [False, True, False]


def test_an_unknown_indicator_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match=r"Unknown indicator 'profit12m'. Did you mean 'profit_12m'\?"):
        parse("profit12m > 0", UNITS)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("profit_12m >", 13),
        ("profit_12m > 0 and", 19),
        ("(profit_12m > 0", 16),
        ("", 1),
        ("profit_12m ~ 3", 12),
    ],
)
def test_the_position_of_what_is_wrong_is_told(text, position):
    with pytest.raises(BadInput, match=f"position {position}:"):
        parse(text, UNITS)


@pytest.mark.parametrize("text", ["region > 5", "profit_12m = 'x'", "profit_12m in (1, 'x')"])
def test_a_value_of_the_wrong_kind_is_refused(text):
    with pytest.raises(BadInput, match="can't be compared"):
        parse(text, UNITS)


@pytest.mark.parametrize(
    "text",
    ["(" * 5000 + "profit_12m > 0" + ")" * 5000, "not " * 2000 + "profit_12m > 0", "x" * (LONGEST + 1)],
)
def test_a_filter_made_to_exhaust_is_refused(text):
    with pytest.raises(BadInput):
        parse(text, UNITS)


def test_a_number_too_large_to_hold_is_refused():
    with pytest.raises(BadInput, match="too large"):
        parse("profit_12m > 1e999", UNITS)


def test_each_indicator_is_listed_once():
    condition = parse("profit_12m > 0 and (region = 'East' or not profit_12m < 9)", UNITS)
    assert condition.indicators == ("profit_12m", "region")
