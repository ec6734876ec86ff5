"""`python -m analytics`: the verbs of the dashboard without a screen."""

import signal
import sys
from types import FrameType


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave as after any other end, so that the command's own folders go with it."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    try:
        from analytics.commands import run

        run()
    except KeyboardInterrupt:  # while its modules are still being read
        sys.exit(128 + signal.SIGINT)
