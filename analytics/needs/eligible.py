"""Which of some customers a product may be offered to: the one question that campaigns ask about suitability."""

from collections.abc import Sequence
from datetime import date

from analytics.access.book import Book, frame_of
from analytics.access.holdings import held_sql
from analytics.calendar import months_before

MONTHS = 12  # an assessment of risk holds so long


def eligible(book: Book, as_of: date, product_id: str, customer_ids: Sequence[str]) -> list[str]:
    """Those of the book's customers who agreed to be approached, may bear the product's risk by an assessment
    of the last twelve months, and don't hold it.

    What is not known is no permission: without consent, a tolerance, the day of its assessment or the
    product's risk level nobody is eligible. Source: definitions.md, Suitability (NFRA Order 2025 No. 7).
    """
    sql = f"""SELECT customer_no, true AS fits FROM customers, products
        WHERE customer_id IN (SELECT unnest(?::VARCHAR[])) AND product_id = ? AND marketing_consent
            AND coalesce(risk_tolerance >= risk_level, false)
            AND coalesce(risk_assessed_on > ? AND risk_assessed_on <= ?, false)
            AND customer_no NOT IN (SELECT customer_no FROM ({held_sql(as_of)}) WHERE product_id = ?)"""
    values = [list(customer_ids), product_id, months_before(as_of, MONTHS), as_of, product_id]
    found = frame_of(book.joined(sql, what="suitability", as_of=as_of, values=values))
    return [str(customer_id) for customer_id in found["customer_id"]]
