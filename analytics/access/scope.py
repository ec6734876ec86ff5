"""From grants to rows: what a person may see of one warehouse version."""

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.access.grants import Grant
from analytics.access.roles import TOTALS_ONLY, WITHOUT_ROWS
from analytics.warehouse.engine import Warehouse


@dataclass(frozen=True)
class RowRule:
    """Customers whose `column` is one of `values` (None: all customers), within `departments` if any."""

    column: str | None
    values: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    def sql(self) -> tuple[str, list[str]]:
        """A condition over `customer_now` and its parameters; false where nothing is granted."""
        parts: list[str] = []
        params: list[str] = []
        for column, values in ((self.column, self.values), ("department", self.departments)):
            if column == "department" and not values:
                continue
            if column is not None:
                parts.append(f"{column} IN ({', '.join('?' * len(values))})" if values else "FALSE")
                params.extend(values)
        return " AND ".join(parts) or "TRUE", params

    def __str__(self) -> str:
        """In words, for receipts.

        >>> str(RowRule("manager_id", ("E1",), ("Retail",))), str(RowRule(None))
        ('manager_id: E1; department: Retail', 'all customers')
        """
        named = ((self.column, self.values), ("department" if self.departments else None, self.departments))
        parts = [f"{column}: {', '.join(values) or 'none'}" for column, values in named if column]
        return "; ".join(parts) or "all customers"


@dataclass(frozen=True)
class Scope:
    """The rows, column classes and export right that grants add up to. Equal scopes share cached answers.

    totals : the customers of whom the person may see totals only. They count where there are no `rules`: for
        who sees some customers one by one, totals over more could be got from by subtracting these.
    """

    rules: tuple[RowRule, ...] = ()
    columns: frozenset[str] = frozenset()
    may_export: bool = False
    totals: tuple[RowRule, ...] = ()

    @property
    def whole_bank(self) -> bool:
        return RowRule(None) in self.rules

    def sql(self) -> tuple[str, list[str]]:
        """A customer is in scope when any rule says so; no rule, no rows.

        >>> Scope().sql()
        ('FALSE', [])
        """
        return _any_of(self.rules)

    @property
    def totals_only(self) -> bool:
        """Whether the person sees no customer one by one, and totals of some."""
        return bool(self.totals) and not self.rules

    def totals_sql(self) -> tuple[str, list[str]]:
        """Whose transactions the person may see added up: those of the rows, or where there are none of the totals.

        >>> Scope(totals=(RowRule(None),)).totals_sql(), Scope().totals_sql()
        (('(TRUE)', []), ('FALSE', []))
        """
        return _any_of(self.totals if self.totals_only else self.rules)

    def __str__(self) -> str:
        """In words, for the audit trail and receipts.

        >>> str(Scope(totals=(RowRule(None),)))
        'totals of all customers'
        """
        told = [str(rule) for rule in self.rules] or [f"totals of {rule}" for rule in self.totals]
        return "; ".join(told)


def _any_of(rules: Iterable[RowRule]) -> tuple[str, list[str]]:
    conditions = [rule.sql() for rule in rules]
    text = " OR ".join(f"({condition})" for condition, _ in conditions)
    return text or "FALSE", [value for _, params in conditions for value in params]


def scope_of(grants: Iterable[Grant], warehouse: Warehouse) -> Scope:
    """Add up grants. Roles that work with totals or settings only contribute no rows."""
    grants = tuple(grants)
    held = [grant for grant in grants if grant.role not in WITHOUT_ROWS]
    counting = [grant for grant in grants if grant.role in TOTALS_ONLY]
    return Scope(
        rules=_rules(held, warehouse),
        columns=frozenset().union(*(grant.columns for grant in held)),
        may_export=any(grant.may_export for grant in held),
        totals=_rules(counting, warehouse),
    )


def _rules(grants: Iterable[Grant], warehouse: Warehouse) -> tuple[RowRule, ...]:
    return tuple(sorted({_rule(grant, warehouse) for grant in grants}, key=repr))


def _rule(grant: Grant, warehouse: Warehouse) -> RowRule:
    column, values = _place(grant, warehouse)
    return RowRule(column, values, grant.departments)


def _place(grant: Grant, warehouse: Warehouse) -> tuple[str | None, tuple[str, ...]]:
    named = tuple(filter(None, [grant.unit_id]))
    match grant.level:
        case "own":
            return "manager_id", tuple(filter(None, [grant.employee_id]))
        case "team":
            return "team_id", named
        case "branch" if named:
            return "branch_id", (*named, *_branches_below(named[0], warehouse))
        case "region" if named:
            return "branch_id", _branches_below(named[0], warehouse)
        case "bank":
            return None, ()
    return "branch_id", ()  # a level that nobody defined, or one without its unit, grants nothing


def _branches_below(unit: str, warehouse: Warehouse) -> tuple[str, ...]:
    rows = warehouse.facts(
        """WITH RECURSIVE below(id) AS (
            SELECT branch_id FROM branches WHERE parent_id = ?
            UNION SELECT branch_id FROM branches JOIN below ON parent_id = below.id
        ) SELECT id FROM below WHERE id <> ? ORDER BY id""",
        [unit, unit],
    )
    return tuple(row["id"] for row in rows)
