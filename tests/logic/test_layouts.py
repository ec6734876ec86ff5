"""Layouts of pivots: one's own, and no more than one may see when they are opened."""

import pytest

from analytics.errors import BadInput
from analytics.volumes.layout import Layout, first_layout, layout_of, look, step_below
from tests.logic.test_totals import BACK_OFFICE

ANN, BEN = "ann@bank.example", "ben@bank.example"
SETTINGS = Layout(("area", "product"), "quarter", "balance_held", "year").settings()


@pytest.mark.both_stores
def test_a_layout_is_its_owners_alone_and_a_name_holds_one(store):
    store.layouts.save(ANN, " Mine ", SETTINGS)
    store.layouts.save("ANN@bank.example", "Mine", SETTINGS | {"span": "month"})
    store.layouts.save(BEN, "Mine", SETTINGS)
    (mine,) = store.layouts.of(ANN)
    assert (mine.name, mine.settings) == ("Mine", SETTINGS | {"span": "month"})
    store.layouts.delete(BEN, mine.id)
    assert store.layouts.of(ANN)
    store.layouts.delete(ANN, mine.id)
    assert not store.layouts.of(ANN)
    assert store.layouts.of(BEN)


def test_a_layout_needs_a_name(store):
    for name in ("", "  ", "x" * 201, "a\0b"):
        with pytest.raises(BadInput, match="needs a name"):
            store.layouts.save(ANN, name, SETTINGS)


def test_a_layout_asks_for_no_more_than_its_reader_may_see(demo, whole_book, book_with):
    analyst, clerk = whole_book(demo), book_with(demo, BACK_OFFICE)
    assert layout_of(analyst, SETTINGS) == Layout(("area", "product"), "quarter", "balance_held", "year")
    assert layout_of(clerk, SETTINGS) == Layout(("product",), "quarter", "amount_in", "year")
    assert layout_of(clerk, {"rows": ["branch", "kind"], "column": "channel"}) == Layout(
        ("branch",), "", "amount_in", "month"
    )


@pytest.mark.parametrize(
    "settings", [{}, {"rows": 3, "column": ["x"], "measure": None, "span": "ever"}, {"rows": None}]
)
def test_settings_that_make_no_sense_are_the_first_layout(demo, whole_book, settings):
    assert layout_of(whole_book(demo), settings) == first_layout(whole_book(demo))


def test_looking_into_rows_narrows_the_part_and_the_months(demo, whole_book):
    book, ends = whole_book(demo), demo.month_ends
    layout = Layout(("year", "category"), "", "fees", "all")
    path = [("year", ends[-1].year), ("category", "card"), ("quarter", f"{ends[-1].year}-Q3")]
    here = look(book, layout, path, ends[0], ends[-1])
    assert here.rows == ("month", "product")
    assert here.within == (("category", "card"),)
    assert [f"{here.first:%m-%d}", f"{here.last:%m-%d}"] == ["07-31", "09-30"]
    assert look(book, layout, [("branch", "B011")], ends[0], ends[-1]).rows == layout.rows
    assert step_below(book, layout, path[:1], ["2026-Q3", "card"]) == ("quarter", "2026-Q3")
    assert step_below(book, Layout(("channel", "category"), "", "fees", "all"), [], ["mobile", "card"]) == (
        "category",
        "card",
    )
    assert step_below(book, Layout(("channel",), "", "fees", "all"), [], ["mobile"]) is None
