"""The SQL that keeps a read inside a scope: of the customers themselves, and of a mart's rows of them."""

from datetime import date
from typing import Any

from analytics.access.scope import Scope


def spine_of(scope: Scope, as_of: date, only: str | None = None) -> tuple[str, list[Any]]:
    """The customers in scope that had joined by then: where every read of customers begins."""
    condition, params = _condition(scope, as_of)
    if only is not None:
        return f"SELECT * FROM customer_now WHERE {condition} AND customer_id = ?", [*params, only]
    return f"SELECT * FROM customer_now WHERE {condition}", params


def members_of(scope: Scope, as_of: date) -> tuple[str, list[Any]]:
    """A join that leaves a mart's rows of these customers. Of a whole bank, the few others are found faster."""
    condition, params = _condition(scope, as_of)
    if not scope.whole_bank:
        return f"SEMI JOIN (FROM customer_now WHERE {condition}) USING (customer_no)", params
    return f"ANTI JOIN (FROM customer_now WHERE NOT coalesce({condition}, FALSE)) USING (customer_no)", params


def _condition(scope: Scope, as_of: date) -> tuple[str, list[Any]]:
    condition, params = scope.sql()
    return f"({condition}) AND (onboarded_on IS NULL OR onboarded_on <= ?)", [*params, as_of]
