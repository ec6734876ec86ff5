"""Texts that a spreadsheet would run: what begins like a formula is marked as text.

A customer's name may be `=HYPERLINK(...)`. In CSV it gets an apostrophe in front, which spreadsheets read as
"this is text"; in Excel's own files a cell is text by its kind already, and is marked so that editing it
leaves it text. Plain numbers stay as they are, also where they are kept as text: -5 and +86138 run nothing.
"""

import re
from typing import Any

import pandas as pd

MARK = "'"

# What a spreadsheet may pass over before it looks for a formula: blanks of any width, controls, and signs
# without a width. A semicolon, a tab or a line's end begins a new cell where these separate columns.
_PASSED_OVER = r"[\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*"
_FORMULA = re.compile(rf"(^|[;\t\r\n])(?={_PASSED_OVER}[=+\-@＝＋－＠﹢﹣﹦﹫−])|^(?=[\t\r\n])")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def would_run(text: str) -> bool:
    """Whether a spreadsheet may take this text for a formula.

    >>> [would_run(text) for text in ("=1+1", "  @SUM(A1)", "a;=1", "＋1", "-5", "+86138", "A-1")]
    [True, True, True, True, False, False, False]
    """
    return not _NUMBER.fullmatch(text) and _FORMULA.search(text) is not None


def defused(text: str) -> str:
    """The text with an apostrophe before whatever would run; others and numbers unchanged.

    >>> defused("=1+1"), defused("-5"), defused("A=1")
    ("'=1+1", '-5', 'A=1')
    """
    return _FORMULA.sub(lambda found: found[0] + MARK, text) if would_run(text) else text


def defused_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """A frame with every text in it, and every heading, defused; figures, dates and gaps unchanged."""
    shown = rows.copy(deep=False)
    for place, kind in enumerate(rows.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            shown.isetitem(place, [_cell(value) for value in rows.iloc[:, place]])
    return shown.set_axis([_cell(name) for name in rows.columns], axis=1)


def _cell(value: Any) -> Any:
    return defused(value) if isinstance(value, str) else value
