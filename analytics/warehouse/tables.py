"""The contract's tables as data: staging, checks and the demo bank derive from them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

# Added by the build to tables that name a customer, so that marts join on small integers.
NUMBERS = ("customer_no", "referred_no")

# Four decimals keep every currency's smallest unit and unit prices such as 0.001; sums of them are exact.
SQL_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "money": "DECIMAL(18,4)",
    "integer": "BIGINT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column. `choices` are compared without regard to case; `many` means a comma-separated list of them.

    `low` and `high` are included. `past` refuses what lies after tomorrow; `ends_month` all but last days
    of months.
    """

    name: str
    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    many: bool = False
    past: bool = False
    ends_month: bool = False

    @property
    def sql_type(self) -> str:
        """The type in the published file.

        >>> Column("amount", "money").sql_type
        'DECIMAL(18,4)'
        """
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table. Of rows with equal `key` the first stays; rows with an empty key are never equal.

    `references`: an unknown value rejects the row. `mentions`: it only leads to a warning, for losing a
    customer over a branch that was closed would be worse. Both hold only where the other table is given.
    `either`: at least one of these columns must be there, and filled in every row.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    mentions: dict[str, tuple[str, str]] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    keeps_extra: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in contract order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return self.columns[self.names.index(name)]


def _need(name: str, type: str = "text", **limits: bool | float) -> Column:
    return Column(name, type, required=True, **limits)  # type: ignore[arg-type]


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


CATEGORIES = ("deposit", "loan", "card", "fund", "wealth", "insurance", "fx", "payment")
LEVELS = ("own", "team", "branch", "region", "bank")
COLUMN_CLASSES = ("pii", "sensitive", "profit")

_CUSTOMER = {"customer_id": ("customers", "customer_id")}
_PRODUCT = {"product_id": ("products", "product_id")}
_BRANCH = {"branch_id": ("branches", "branch_id")}

_ALL = (
    Table(
        "customers",
        (
            _need("customer_id"),
            Column("customer_type", choices=("personal", "business")),
            *_texts("name", "id_number", "phone", "email"),
            Column("birth_date", "date", past=True),
            *_texts("gender", "occupation", "education", "marital_status"),
            Column("annual_income", "number"),
            *_texts("religion", "lifestyle", "personality", "home_ownership", "purchase_motive"),
            *_texts("brand_loyalty", "price_attitude"),
            *_texts("district_id", "business_line", "branch_id", "manager_id"),
            Column("risk_tolerance", "integer", low=1, high=5),
            Column("risk_assessed_on", "date", past=True),
            Column("marketing_consent", "boolean"),
            Column("onboarded_on", "date", past=True),
        ),
        key=("customer_id",),
        mentions={
            "district_id": ("districts", "district_id"),
            "manager_id": ("employees", "employee_id"),
            **_BRANCH,
        },
    ),
    Table(
        "transactions",
        (
            Column("customer_id"),
            Column("account_id"),
            _need("booked_at", "timestamp", past=True),
            _need("amount", "money"),
            *_texts("transaction_id", "currency", "kind", "channel", "category"),
            Column("fee", "money"),
        ),
        key=("transaction_id",),
        references={"account_id": ("accounts", "account_id"), **_CUSTOMER},
        either=("customer_id", "account_id"),
    ),
    Table(
        "accounts",
        (
            _need("account_id"),
            _need("customer_id"),
            *_texts("product_id", "currency"),
            Column("opened_on", "date", past=True),
            Column("closed_on", "date"),
        ),
        key=("account_id",),
        references=_CUSTOMER,
        mentions=_PRODUCT,
    ),
    Table(
        "balances",
        (
            _need("account_id"),
            _need("month_end", "date", ends_month=True),
            _need("average_balance", "money"),
            Column("days_past_due", "integer", low=0),
        ),
        key=("account_id", "month_end"),
        references={"account_id": ("accounts", "account_id")},
    ),
    Table(
        "products",
        (
            _need("product_id"),
            Column("name"),
            Column("category", choices=CATEGORIES),
            Column("currency"),
            Column("risk_level", "integer", low=1, high=5),
            Column("risk_cost_rate", "number"),
            Column("is_active", "boolean"),
        ),
        key=("product_id",),
    ),
    Table(
        "product_rates",
        (
            _need("product_id"),
            _need("effective_from", "date"),
            _need("customer_rate", "number"),
            _need("transfer_rate", "number"),
        ),
        key=("product_id", "effective_from"),
        references=_PRODUCT,
    ),
    Table(
        "fx_rates",
        (_need("currency"), _need("rate_date", "date", past=True), _need("rate", "number", low=1e-12)),
        key=("currency", "rate_date"),
    ),
    Table("channel_costs", (_need("channel"), _need("unit_cost", "number")), key=("channel",)),
    Table(
        "districts",
        (
            _need("district_id"),
            *_texts("name", "region", "city_tier"),
            Column("population", "integer", low=0),
        ),
        key=("district_id",),
    ),
    Table("branches", (_need("branch_id"), *_texts("name", "parent_id")), key=("branch_id",)),
    Table(
        "employees",
        (
            _need("employee_id"),
            *_texts("name", "email", "role", "department", "team_id", "branch_id", "languages"),
            Column("hired_on", "date"),
            Column("left_on", "date"),
        ),
        key=("employee_id",),
        mentions=_BRANCH,
    ),
    Table(
        "grants",
        (
            _need("user_email"),
            _need("role"),
            Column("level", required=True, choices=LEVELS),
            *_texts("employee_id", "unit_id", "departments"),
            Column("columns", choices=COLUMN_CLASSES, many=True),
            Column("may_export", "boolean"),
            Column("valid_until", "date"),
        ),
    ),
    Table(
        "campaigns",
        (
            _need("campaign_id"),
            *_texts("name", "product_id", "channel"),
            Column("starts_on", "date"),
            Column("cost_per_contact", "number", low=0),
        ),
        key=("campaign_id",),
        mentions=_PRODUCT,
    ),
    Table(
        "contacts",
        (
            _need("campaign_id"),
            _need("customer_id"),
            _need("contacted_at", "timestamp"),
            Column("is_holdout", "boolean"),
            Column("responded_at", "timestamp", past=True),
        ),
        key=("campaign_id", "customer_id", "contacted_at"),
        references={"campaign_id": ("campaigns", "campaign_id"), **_CUSTOMER},
    ),
    Table(
        "referrals",
        (_need("referrer_id"), _need("referred_id"), _need("referred_on", "date", past=True)),
        key=("referrer_id", "referred_id"),
        references={"referrer_id": _CUSTOMER["customer_id"], "referred_id": _CUSTOMER["customer_id"]},
    ),
    Table(
        "surveys",
        (
            _need("customer_id"),
            _need("surveyed_on", "date", past=True),
            Column("nps", "integer", low=0, high=10),
        ),
        key=("customer_id", "surveyed_on"),
        references=_CUSTOMER,
        keeps_extra=True,
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def referenced_first() -> Iterator[Table]:
    """Every table, after all those that it refers to.

    >>> [table.name for table in referenced_first()].index("transactions") > 10
    True
    """
    done: set[str] = set()
    waiting = sorted(_ALL, key=lambda table: table.name == "transactions")  # the long one last
    while waiting:
        for table in waiting:
            others = {other for other, _ in (*table.references.values(), *table.mentions.values())}
            if others <= done:
                done.add(table.name)
                waiting.remove(table)
                yield table
                break
