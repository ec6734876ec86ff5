"""The colours of every chart, light and dark. `.streamlit/config.toml` holds the same ones; a test compares.

The ten segment colours start from Okabe and Ito 2008 and were moved apart until every two of them differ by
at least 0.09 in OKLab for normal sight, protanopia, deuteranopia and tritanopia alike (Machado 2009).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """One theme's colours.

    accent : the one colour that speaks; gains too. loss : what falls below zero. muted : text of axes and
    notes, at least 4.5:1 on the background, as are text and loss_text. rest : "everyone else" and bars of
    comparison. segments : segment n has colour n - 1. low, middle, high : below, at and above the mean, on
    all of which `text` can be read.
    """

    background: str
    text: str
    muted: str
    grid: str
    zero: str
    accent: str
    accent_tint: str
    loss: str
    loss_text: str
    loss_tint: str
    rest: str
    low: str
    middle: str
    high: str
    segments: tuple[str, ...]

    @property
    def gain(self) -> str:
        """What lies above zero."""
        return self.accent

    def segment(self, number: int) -> str:
        """The colour of a segment by its number, 1 the most valuable; grey for the rest."""
        return self.segments[number - 1] if 1 <= number <= len(self.segments) else self.rest


LIGHT = Palette(
    background="#FFFFFF",
    text="#1B2A30",
    muted="#55646B",
    grid="#E6EAEC",
    zero="#9AA7AD",
    accent="#00659E",
    accent_tint="rgba(0, 101, 158, 0.09)",
    loss="#CE6B19",
    loss_text="#A04E08",
    loss_tint="rgba(206, 107, 25, 0.13)",
    rest="#B9C3C8",
    low="#F2C59B",
    middle="#F6F8F9",
    high="#9CC9E6",
    segments=(
        "#00659E", "#E3A31D", "#559471", "#CE6B19", "#AC7CBE",
        "#79B0FB", "#6A5D0C", "#46237F", "#68250C", "#1E161F",
    ),
)  # fmt: skip

DARK = Palette(
    background="#0F1B1F",
    text="#E4ECEE",
    muted="#A3B2B8",
    grid="#21323A",
    zero="#5C6F77",
    accent="#5AB4E6",
    accent_tint="rgba(90, 180, 230, 0.12)",
    loss="#ED8A3A",
    loss_text="#F2A564",
    loss_tint="rgba(237, 138, 58, 0.16)",
    rest="#4C6069",
    low="#7A4517",
    middle="#1A2A31",
    high="#1D5B80",
    segments=(
        "#5AB4E6", "#CEBF5D", "#3C9E6A", "#ED6213", "#DE85AB",
        "#4669A1", "#F1F048", "#9971E9", "#8F5938", "#AEE1F2",
    ),
)  # fmt: skip


def palette(theme: str | None) -> Palette:
    """The colours for the theme in force: "dark", or anything else for light."""
    return DARK if theme == "dark" else LIGHT
