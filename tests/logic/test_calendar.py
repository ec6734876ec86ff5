"""Month ends and the windows between them."""

from calendar import monthrange
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.calendar import month_end, month_ends, months_before

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(days)
def test_a_month_end_is_followed_by_a_first(day):
    end = month_end(day)
    assert day <= end
    assert (day.year, day.month) == (end.year, end.month)
    assert (end + timedelta(1)).day == 1


@given(days, st.integers(0, 60), st.integers(0, 60))
def test_steps_back_add_up(day, first, second):
    assert months_before(months_before(day, first), second) == months_before(day, first + second)


@given(days)
def test_twelve_months_before_is_the_same_month_of_the_year_before(day):
    before = months_before(day, 12)
    assert (before.year, before.month) == (day.year - 1, day.month)
    assert before.day == monthrange(before.year, before.month)[1]


def test_leap_days_are_kept_and_lost():
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2025, 2, 28), 12) == date(2024, 2, 29)
    assert month_end(date(1900, 2, 1)) == date(1900, 2, 28)


@given(days, st.integers(0, 400))
def test_every_month_is_listed_once_in_order(first, more):
    last = first + timedelta(more)
    ends = month_ends(first, last)
    assert list(ends) == sorted(set(ends))
    assert ends[-1] == last
    assert all(end == month_end(end) for end in ends[:-1])
    assert len(ends) == (last.year - first.year) * 12 + last.month - first.month + 1
