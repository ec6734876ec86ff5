"""How large a book is, for somebody who may not see it."""

from analytics.access.scope import Scope
from analytics.warehouse.engine import Warehouse


def rounded_size(scope: Scope, warehouse: Warehouse, floor: int) -> int:
    """At least so many customers: a multiple of the floor, 0 for "fewer than the floor".

    Customers are counted in cells (one manager, team, branch and department each), every cell is rounded down
    to a multiple of the floor, and the cells are added. A grant takes whole cells or none of them, so that the
    difference of two grants, however near, is a sum of such multiples too: rounding the whole instead would let
    a step from one multiple to the next give away that a single customer is in between.
    """
    condition, params = scope.sql()
    found = warehouse.query(
        f"""SELECT coalesce(sum(n - n % {int(floor)}), 0)::BIGINT AS n FROM (
            SELECT count(*) AS n FROM customer_now WHERE {condition}
            GROUP BY manager_id, team_id, branch_id, department)""",
        params,
    )
    return int(found["n"][0].as_py())


def covers_most(scope: Scope, warehouse: Warehouse) -> bool:
    """Whether a book holds more than half of the bank's customers."""
    condition, params = scope.sql()
    found = warehouse.query(
        f"SELECT count(*) FILTER (WHERE {condition}) * 2 > count(*) AS most FROM customer_now", params
    )
    return bool(found["most"][0].as_py())
