"""Which of some customers a product may be offered to: the one question that campaigns ask about suitability."""

from collections.abc import Sequence
from datetime import date

from analytics.access.book import Book
from analytics.needs.suitability import ELIGIBLE, held_back, standing


def eligible(book: Book, as_of: date, product_id: str, customer_ids: Sequence[str]) -> list[str]:
    """Those of the book's customers from whom nothing holds the product back, in the order of the book.

    Raises as `suitability.standing`. Nobody for a product that is not on the shelf.
    """
    known = standing(book, as_of)
    if product_id not in known.products.index:
        return []
    places = known.places(customer_ids)
    why = held_back(known)[places, known.products.index.get_loc(product_id)]
    return [str(one) for one in known.ids[places[why == ELIGIBLE]]]
