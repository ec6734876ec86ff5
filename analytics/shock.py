"""What if rates move: a change of prices, of the transfer curve and of currencies, as plain figures."""

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Shock:
    """A change of rates, in force over the whole window that profit is measured in; volumes stay as they are.

    products : (product_id, points added to the yearly rate that its customers get or pay); 0.01 is one
        percentage point.
    curve : points added to every transfer rate.
    currencies : (currency, relative change of its value in the base currency); 0.1 is ten percent dearer.

    >>> Shock(products=(("L01", 0.0),)).moves, Shock(curve=-0.005).moves
    (False, True)
    """

    products: tuple[tuple[str, float], ...] = ()
    curve: float = 0.0
    currencies: tuple[tuple[str, float], ...] = ()

    @property
    def moves(self) -> bool:
        """Whether anything is changed at all."""
        figures = (self.curve, *(by for _name, by in (*self.products, *self.currencies)))
        return any(by != 0 for by in figures)

    def stages(self) -> Iterator["Shock"]:
        """Nothing, then products' rates, then the curve too, then currencies too: the steps of a bridge."""
        yield Shock()
        yield replace(self, curve=0.0, currencies=())
        yield replace(self, currencies=())
        yield self
