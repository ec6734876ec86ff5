"""The command line. Exit 0 done, 1 something in the data, the path or the rights, 2 wrong syntax."""

import logging
import secrets
import sys

from analytics.commands import books, warehouses
from analytics.commands.shell import app
from analytics.errors import AnalyticsError

__all__ = ["app", "books", "run", "warehouses"]


def run() -> None:
    """Run the command in `sys.argv`. A person's mistake is one line on stderr, a bug is a number to quote."""
    try:
        app()
    except AnalyticsError as error:
        _leave(str(error))
    except OSError as error:
        _leave(f"{error.strerror or error}: {error.filename or ''}. Check the path and its permissions.")
    except Exception:
        number = secrets.token_hex(4)
        logging.getLogger(__name__).exception("Bug %s", number)
        _leave(f"Something went wrong that is not your fault (number {number}). The log has the details.")


def _leave(line: str) -> None:
    print(" ".join(line.split()), file=sys.stderr)  # noqa: T201  # the one line that a caller reads
    raise SystemExit(1)
