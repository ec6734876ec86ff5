"""Personal data partly hidden, on the server, before a value leaves the book."""

import pandas as pd

SENSITIVE_COLUMNS = ("religion", "lifestyle", "personality")
HIDDEN = "•••"


def masked(text: str | None, keep_first: int = 1, keep_last: int = 0) -> str | None:
    """The ends of a text, the rest hidden; too short ones are hidden whole.

    >>> masked("Li Wei"), masked("13800138000", 0, 2), masked("王")
    ('L•••', '•••00', '•••')
    """
    if text is None or pd.isna(text):
        return None
    if len(text) <= keep_first + keep_last:
        return HIDDEN
    return text[:keep_first] + HIDDEN + (text[-keep_last:] if keep_last else "")


def mask_columns(rows: pd.DataFrame, classes: frozenset[str]) -> pd.DataFrame:
    """The rows as someone with these column classes may see them.

    Without `pii` a name keeps its first character, numbers their last two; a birth date is hidden.
    Without `sensitive` those columns are not there at all.
    """
    if "sensitive" not in classes:
        rows = rows.drop(columns=[name for name in SENSITIVE_COLUMNS if name in rows])
    if "pii" in classes:
        return rows
    keeps = {"name": (1, 0), "id_number": (0, 2), "phone": (0, 2), "email": (1, 0)}
    hidden = {
        name: rows[name].map(lambda text, ends=keeps[name]: masked(str(text), *ends), na_action="ignore")
        for name in keeps
        if name in rows
    }
    if "birth_date" in rows:
        hidden["birth_date"] = rows["birth_date"].map(lambda _: HIDDEN, na_action="ignore").astype("str")
    return rows.assign(**hidden)
