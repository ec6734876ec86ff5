"""Customers: first what they are (a helper that all else hangs on), then how they look on paper."""

from dataclasses import astuple, fields

import duckdb

from analytics.warehouse.demo import traits
from analytics.warehouse.demo.archetypes import ARCHETYPES, MIXES, Archetype
from analytics.warehouse.demo.bank import managers_for, name_parts
from analytics.warehouse.demo.draws import key, normal, percent, uniform, whole
from analytics.warehouse.demo.period import Period
from analytics.warehouse.demo.writing import help_with, keep

AT_HOME = 0.7  # share of customers who live in their branch's own district
TIER_FACTOR = "[1.25, 1.0, 0.85, 0.75][d.city_tier::INTEGER]"
YOUNGEST = 16  # years at onboarding


def plan_customers(con: duckdb.DuckDBPyConnection, customers: int, seed: int, period: Period) -> None:
    """Make the helper `demo_people`, one row a customer, in order of customer_no.

    Months are numbered from 0; `first_active` is the first with transactions, `last_active` the last,
    `until` the day the relationship ends (the period's last for those who stay).
    """
    _write_archetypes(con)
    con.execute("CREATE TEMP TABLE demo_people AS " + _PEOPLE, facts(customers, seed, period))


def _write_archetypes(con: duckdb.DuckDBPyConnection) -> None:
    columns = " ".join("archetype" if field.name == "key" else field.name for field in fields(Archetype))
    rows = [(number, *astuple(row)) for number, row in enumerate(ARCHETYPES)]
    help_with(con, "demo_archetypes", f"archetype_no {columns}", rows)
    mixes = [
        (name, step, number)
        for name, shares in MIXES.items()
        for step, number in enumerate(n for n, share in enumerate(shares) for _ in range(share))
    ]
    help_with(con, "demo_mixes", "mix step archetype_no", mixes)


def facts(customers: int, seed: int, period: Period) -> dict[str, object]:
    """What the statement that plans customers is told."""
    return {
        "customers": customers,
        "digits": max(7, len(str(customers))),
        "seed": seed,
        "managers": managers_for(customers),
        "months": period.months,
        "start": period.start,
        "end": period.end,
        "days": (period.end - period.start).days + 1,
    }


# As many digits for everybody, so that numbers in the order of their text are in the order of customer_no.
CUSTOMER_ID = "'C' || lpad(CAST(customer_no + 1 AS VARCHAR), $digits, '0')"

_PEOPLE = f"""
WITH numbered AS (
    SELECT CAST(i AS INTEGER) AS customer_no, {key("i", "$seed::BIGINT")} AS key FROM range($customers) AS t(i)
), placed AS (
    SELECT n.*, m.*, CASE WHEN {uniform("at home")} < {AT_HOME} THEN m.home_id ELSE other.district_id END AS district_id
    FROM numbered n
    JOIN demo_managers m ON m.manager_no = {whole("manager", "$managers", "n.key")}
    JOIN demo_districts other ON other.region = m.region AND other.place = {whole("district", 9, "n.key")}
), born AS (
    SELECT p.*, a.* EXCLUDE (archetype_no), d.city_tier,
        {uniform("business")} < a.business AS is_business,
        CAST($end::DATE - CAST(365.25 * (a.ages[1] + {uniform("age")} * (a.ages[2] + 1 - a.ages[1])) AS INTEGER)
            AS DATE) AS birth_date,
        {uniform("joins")} < a.joins AS is_new,
        a.income[1] * {TIER_FACTOR} * exp(a.income[2] * {normal("income")}) AS monthly_income,
        a.busyness * exp(0.35 * {normal("busyness")}) AS own_busyness,
        {normal("wealth")} AS wealth_draw
    FROM (SELECT * FROM placed JOIN demo_mixes x USING (mix) WHERE x.step = {percent("archetype")}) p
    JOIN demo_archetypes a USING (archetype_no)
    JOIN demo_districts d USING (district_id)
), joined AS (
    SELECT *, greatest(
        CASE WHEN is_new THEN $start::DATE + {whole("joined on", "$days")}
        ELSE $start::DATE - 1 - CAST(least(9000, -2000 * ln({uniform("joined on")})) AS INTEGER) END,
        CASE WHEN is_business THEN $start::DATE - 9001 ELSE birth_date + {YOUNGEST * 366} END
    ) AS onboarded_on FROM born
), begun AS (
    SELECT *, CASE WHEN onboarded_on < $start::DATE THEN 0
        ELSE CAST(date_diff('month', $start::DATE, onboarded_on) AS INTEGER) + 1 END AS first_active
    FROM joined
), ended AS (
    SELECT *, $months - first_active AS span,
        {uniform("leaves")} < leaves AND span > 6 AS has_left,
        CASE WHEN has_left THEN first_active + 3 + {whole("last month", "(span - 4)")} ELSE $months - 1 END AS last_month
    FROM begun
)
SELECT customer_no, key, {CUSTOMER_ID} AS customer_id,
    manager_no, manager_id, branch_id, district_id, region, city_tier, archetype_no, archetype, line, is_business,
    birth_date, onboarded_on, first_active, has_left, last_month,
    CASE WHEN quiet THEN least(last_month, first_active + CAST(floor(span * 0.7 * {uniform("quiet")}) AS INTEGER))
        ELSE last_month END AS last_active,
    CASE WHEN has_left THEN last_day($start::DATE + to_months(last_month)) ELSE $end::DATE END AS until,
    monthly_income, own_busyness, wealth, wealth_draw,
    {uniform("paid")} < paid AS is_paid,
    pay_days[1 + {whole("pay day", 2)}] AS pay_day, nps AS usual_nps
FROM ended ORDER BY customer_no
"""


def write_customers(con: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Make `source.customers` from the plan. Needs `demo_people`."""
    help_with(con, "demo_traits", "trait archetype step answer", traits.rows())
    parts = [
        (part, place, pinyin, zh)
        for part, names in name_parts().items()
        for place, (pinyin, zh) in enumerate(names)
    ]
    help_with(con, "demo_names", "part place pinyin zh", parts)
    con.execute(f"CREATE TEMP TABLE demo_called AS {_named()}")
    keep(con, "customers", _on_paper(period))
    con.execute("DROP TABLE demo_called")


def _named() -> str:
    """customer_no, name: people "Li Xiaomei 李晓梅", firms "Shanghai Hongda Trading Co., Ltd. 上海宏达贸易有限公司"."""
    sizes = {part: len(names) for part, names in name_parts().items()}
    gender = f"CASE WHEN {percent('gender', 'p.key')} < 51 THEN 'female' ELSE 'male' END"
    return f"""
    SELECT p.customer_no, CASE WHEN p.is_business
        THEN d.city || ' ' || f.pinyin || ' ' || t.pinyin || ' Co., Ltd. ' || d.city_zh || f.zh || t.zh || '有限公司'
        ELSE s.pinyin || ' ' || upper(g.pinyin[1]) || g.pinyin[2:] || coalesce(h.pinyin, '')
            || ' ' || s.zh || g.zh || coalesce(h.zh, '') END AS name
    FROM demo_people p
    JOIN demo_districts d USING (district_id)
    JOIN demo_names s ON s.part = 'surname'
        AND s.place = CAST(floor({sizes["surname"]} * pow({uniform("surname", "p.key")}, 1.8)) AS INTEGER)
    JOIN demo_names g ON g.part = {gender} AND g.place = {whole("given", sizes["female"], "p.key")}
    LEFT JOIN demo_names h ON h.part = g.part AND h.place = {whole("given two", sizes["female"], "p.key")}
        AND h.place <> g.place AND {uniform("two characters", "p.key")} < 0.7
    JOIN demo_names f ON f.part = 'firm' AND f.place = {whole("firm", sizes["firm"], "p.key")}
    JOIN demo_names t ON t.part = 'trade' AND t.place = {whole("trade", sizes["trade"], "p.key")}
    """


_PERSONAL = tuple(name for name in traits.TRAITS if name not in ("risk_tolerance", "attitude"))


def _on_paper(period: Period) -> str:
    """Names, numbers and attributes. Numbers are made invalid on purpose, so that none is anybody's."""
    asked = [*_PERSONAL, "risk_tolerance"]
    joins = "\n".join(
        f"LEFT JOIN demo_traits AS {name} ON {name}.trait = '{name}' AND {name}.archetype = p.archetype "
        f"AND {name}.step = {percent(name, 'p.key')}"
        for name in asked
    )
    answers = ", ".join(f"CASE WHEN NOT p.is_business THEN {name}.answer END AS {name}" for name in _PERSONAL)
    assessed = f"p.until - CAST(least(p.until - p.onboarded_on, 900 * pow({uniform('assessed', 'p.key')}, 1.6)) AS INTEGER)"
    return f"""
    SELECT p.customer_id, CASE WHEN p.is_business THEN 'business' ELSE 'personal' END AS customer_type, c.name,
        CASE WHEN NOT p.is_business THEN '990' || p.district_id[1:3] || strftime(p.birth_date, '%Y%m%d')
            || lpad(CAST(p.customer_no % 1000 AS VARCHAR), 3, '0') || {whole("check", 10, "p.key")} END AS id_number,
        CASE WHEN {uniform("has phone", "p.key")} < 0.98 THEN '+86 100 '
            || lpad(CAST({whole("phone", 100_000_000, "p.key")} AS VARCHAR), 8, '0') END AS phone,
        CASE WHEN {uniform("has email", "p.key")} < 0.97 THEN lower(p.customer_id) || '@mail.example' END AS email,
        CASE WHEN NOT p.is_business AND {uniform("has age", "p.key")} < 0.99 THEN p.birth_date END AS birth_date,
        {answers},
        CASE WHEN {uniform("has income", "p.key")} < 0.97 THEN round(12 * p.monthly_income, -2) END AS annual_income,
        p.district_id, p.line AS business_line, p.branch_id, p.manager_id, risk_tolerance.answer AS risk_tolerance,
        CASE WHEN risk_tolerance.answer IS NOT NULL THEN {assessed} END AS risk_assessed_on,
        CASE WHEN {uniform("has consent", "p.key")} < 0.98 THEN {uniform("consent", "p.key")} < 0.72 END
            AS marketing_consent,
        p.onboarded_on
    FROM demo_people p JOIN demo_called c USING (customer_no)
    {joins}
    ORDER BY p.customer_no"""
