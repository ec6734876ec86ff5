"""The rows that indicators read, as unbound Ibis tables: written once, compiled for each engine."""

from collections.abc import Callable
from datetime import date

import ibis

from analytics.calendar import months_before
from analytics.indicators.base import Expression
from analytics.warehouse.relations import relation

FITTED = "lifetime"  # the source of what is fitted when a version is built


def _day(day: date) -> Expression:
    return ibis.date(day.year, day.month, day.day)


def _months(as_of: date, window: int) -> Expression:
    """Months inside the window, and each customer's last month, which carries first and last dates."""
    months = relation("customer_month")
    known = months.filter(months.month_end <= _day(as_of))
    start = _day(months_before(as_of, window))
    return known.filter((known.month_end > start) | (known.until > _day(as_of)))


def _customers(as_of: date, window: int) -> Expression:
    customers = relation("customers")
    districts = relation("districts").select("district_id", "region", "city_tier", "population")
    branches = relation("branches").select("branch_id", branch="name")
    rows = customers.left_join(districts, "district_id").left_join(branches, "branch_id")
    rows = rows.left_join(_managers(), "manager_id")
    return rows.mutate(manager=rows.manager.fill_null(rows.manager_id))


def _managers() -> Expression:
    """Employees by name, with the number where several have the same."""
    employees = relation("employees")
    others = employees.count().over(ibis.window(group_by="name"))
    numbered = employees.name + " (" + employees.employee_id + ")"
    return employees.select(
        manager_id="employee_id", manager=ibis.cases((others > 1, numbered), else_=employees.name)
    )


def _accounts(as_of: date, window: int) -> Expression:
    accounts, products = relation("accounts"), relation("products")
    opened = accounts.filter(accounts.opened_on.isnull() | (accounts.opened_on <= _day(as_of)))
    rows = opened.left_join(products.select("product_id", "category"), "product_id")
    is_open = rows.closed_on.isnull() | (rows.closed_on > _day(as_of))
    return rows.mutate(is_open=ibis.cases((is_open, 1), else_=0))


def _contacts(as_of: date, window: int) -> Expression:
    contacts = relation("contacts")
    kept = contacts.filter(
        (contacts.contacted_at.date() <= _day(as_of)) & ~contacts.is_holdout.fill_null(False)
    )
    answered = kept.responded_at.notnull() & (kept.responded_at.date() <= _day(as_of))
    recent = kept.contacted_at.date() > _day(months_before(as_of, 12))
    return kept.mutate(
        contacted_on=kept.contacted_at.date(),
        answered=ibis.cases((answered, 1), else_=0),
        recent=ibis.cases((recent, 1), else_=0),
    )


def _referrals(as_of: date, window: int) -> Expression:
    referrals = relation("referrals")
    return referrals.filter(referrals.referred_on <= _day(as_of))


def _referred_months(as_of: date, window: int) -> Expression:
    """The months of the customers that somebody referred, grouped under who referred them."""
    referrals = _referrals(as_of, window).select("customer_no", "referred_no")
    months = _months(as_of, window)
    return referrals.join(months.rename(referred_no="customer_no"), "referred_no")


def _surveys(as_of: date, window: int) -> Expression:
    surveys = relation("surveys")
    return surveys.filter(surveys.surveyed_on <= _day(as_of))


def _lifetime(as_of: date, window: int) -> Expression:
    """What the models that were fitted at the build say as of that date, if they could be fitted for it."""
    worth = relation("customer_lifetime")
    return worth.filter(worth.month_end == _day(as_of))


SOURCES: dict[str, Callable[[date, int], Expression]] = {
    "months": _months,
    "customers": _customers,
    "accounts": _accounts,
    "contacts": _contacts,
    "referrals": _referrals,
    "referred_months": _referred_months,
    "surveys": _surveys,
    FITTED: _lifetime,
}
