"""The command line. Exit 0 done, 1 something in the data, the path or the rights, 2 wrong syntax."""

import os
import secrets
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

from analytics.commands import (
    auditing,
    backups,
    books,
    campaigning,
    comparing,
    lifetime,
    moving,
    needs,
    people,
    rates,
    team,
    volumes,
    warehouses,
)
from analytics.commands.shell import app, grantless, print_warnings, record_refusal
from analytics.errors import AnalyticsError
from analytics.formats import in_a_row

__all__ = [
    "app",
    "auditing",
    "backups",
    "books",
    "campaigning",
    "comparing",
    "lifetime",
    "moving",
    "needs",
    "people",
    "rates",
    "run",
    "team",
    "volumes",
    "warehouses",
]


def run() -> None:
    """Run the command in `sys.argv`. A person's mistake is one line on stderr, a bug a file to pass on."""
    try:
        app()
    except SystemExit as ended:
        print_warnings([told for told in [grantless()] if told and not ended.code])
        raise
    except AnalyticsError as error:
        with suppress(AnalyticsError):  # it stays refused
            record_refusal(error)
        _leave(in_a_row(grantless(), str(error)))
    except OSError as error:
        _leave(f"{error.strerror or error}: {error.filename or ''}. Check the path and its permissions.")
    except Exception as error:  # noqa: BLE001  # whatever it is, a caller gets one line
        if (code := _ended_by(error)) is not None:
            raise SystemExit(code) from None
        _leave(f"Something went wrong that is not your fault. Whoever looks after Clientele needs {_kept()}.")


def _ended_by(error: BaseException | None) -> int | None:
    """The code to leave with where somebody ended the command: DuckDB makes an error of its own of a signal."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return 128 + signal.SIGINT
        if isinstance(error, SystemExit):
            return int(error.code or 0)
        error = error.__cause__ or error.__context__
    return None


def _kept() -> Path:
    """Where the details of a bug are now: a file that only this account may read, for it may quote data."""
    path = Path(tempfile.gettempdir()) / f"clientele-{secrets.token_hex(4)}.log"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return path


def _leave(line: str) -> None:
    print(" ".join(line.split()), file=sys.stderr)  # noqa: T201  # the one line that a caller reads
    raise SystemExit(1)
