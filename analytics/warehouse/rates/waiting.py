"""A delivery that waits for the steward: kept whole, with the names and days that are doubtful."""

import json
from datetime import date
from pathlib import Path

import pandas as pd

from analytics.warehouse.rates.judging import Doubt, in_words
from analytics.warehouse.rates.layouts import Kind
from analytics.warehouse.versions import write_whole


def keep(path: Path, content: bytes, found: list[Doubt], digest: str) -> None:
    """Write a delivery to its place, whole as it came, and beside it what is doubtful in it.

    digest : of the doubts; the note counts for the delivery that waits under the same one alone.
    """
    path.parent.mkdir(exist_ok=True)
    asked = [[doubt.name, doubt.day.isoformat()] for doubt in found]
    write_whole(_note(path), json.dumps({"digest": digest, "doubts": asked, "said": in_words(found)}))
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


def content_of(path: Path, digest: str) -> bytes | None:
    """The delivery that waits, None unless it is the one whose doubts have this digest.

    The note is written before the delivery, so read after it: a newer one is never taken for the one that was shown.
    """
    try:
        content = path.read_bytes()
        return content if json.loads(_note(path).read_text(encoding="utf-8"))["digest"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(path: Path) -> None:
    """Remove what waits."""
    path.unlink(missing_ok=True)
    _note(path).unlink(missing_ok=True)


def words(path: Path) -> str:
    """What is doubtful in the delivery that waits, in words; empty where nothing is known of it."""
    try:
        return str(json.loads(_note(path).read_text(encoding="utf-8"))["said"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def superseded(path: Path, delivered: pd.DataFrame, kind: Kind, digest: str) -> bool:
    """Whether these quotes are of the same day or newer for every name that is doubtful in what waits."""
    if not path.is_file():
        return True
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        asked = [(str(name), date.fromisoformat(day)) for name, day in note["doubts"]]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    newest = delivered.groupby(kind.name)[kind.day].max().to_dict()
    return note["digest"] == digest and all(name in newest and newest[name] >= day for name, day in asked)


def _note(path: Path) -> Path:
    return path.with_suffix(".doubts")
