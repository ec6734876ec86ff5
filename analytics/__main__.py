"""`python -m analytics`: the verbs of the dashboard without a screen."""

from analytics.commands import run

if __name__ == "__main__":
    run()
