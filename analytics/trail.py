"""The audit trail in words: is everything recorded, and is the trail whole?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.errors import NotAllowed
from analytics.formats import NOTHING, day, in_a_row, labelled, number
from analytics.indicators import CATALOGUE
from analytics.jobs import checkpoint
from analytics.store.audit import Audit, Entry
from analytics.store.chain import Verdict
from analytics.store.store import open_store
from analytics.translation import mark, plural
from analytics.translation import translate as _

ACTIONS = {
    "signed in": mark("Signed in"),
    "signed out": mark("Signed out"),
    "session ended": mark("Session ended"),
    "refused": mark("Refused"),
    "book read": mark("Read their book"),
    "customer opened": mark("Opened a customer"),
    "totals read": mark("Read totals"),
    "file taken": mark("Took a file"),
    "grant given": mark("Gave a grant"),
    "grant changed": mark("Changed a grant"),
    "grant revoked": mark("Revoked a grant"),
    "grant proposed": mark("Proposed a grant"),
    "grant confirmed": mark("Confirmed a grant"),
    "grant refused": mark("Refused a grant"),
    "policy proposed": mark("Proposed a policy"),
    "policy changed": mark("Changed the policy"),
    "policy refused": mark("Refused a policy"),
    "book size asked": mark("Asked for a book's size"),
    "audit read": mark("Read this trail"),
    "rates changed": mark("Changed rates"),
    "note written": mark("Wrote a note"),
    "note deleted": mark("Deleted a note"),
    "step done": mark("Finished a step"),
    "step reopened": mark("Reopened a step"),
    "alert marked": mark("Dealt with an alert"),
    "alert reopened": mark("Took an alert back"),
    "campaign started": mark("Started a campaign"),
    "contact recorded": mark("Recorded a contact"),
    "answer recorded": mark("Recorded an answer"),
    "answers published": mark("Published answers"),
    "target set": mark("Set a target"),
    "target taken back": mark("Took a target back"),
    "comment written": mark("Wrote a comment"),
    "comment deleted": mark("Deleted a comment"),
    "store restored": mark("Restored a backup"),
    "version published": mark("Published a version"),
    "version chosen": mark("Let another version serve"),
}
# What a picture tells apart, in its order; the rest is one of them.
KINDS = {
    "reading": (mark("Books and totals read"), ("book read", "totals read", "book size asked")),
    "customer": (mark("Customers opened"), ("customer opened",)),
    "file": (mark("Files taken"), ("file taken",)),
    "refused": (mark("Refusals"), ("refused",)),
    "signing": (mark("Signing in and out"), ("signed in", "signed out", "session ended")),
    "grant": (mark("Grants and policy"), ("grant given", "grant changed", "grant revoked", "grant proposed",
                                           "grant confirmed", "grant refused", "policy proposed", "policy changed",
                                           "policy refused")),
}  # fmt: skip
OTHER = ("other", mark("Other"))
DETAILS = {
    "what": mark("What"),
    "customers": mark("Customers"),
    "customer_id": mark("Customer"),
    "as_of": mark("As of"),
    "where": mark("Filter"),
    "scope": mark("Scope"),
    "said": mark("Told them"),
    "os_account": mark("Account on the server"),
    "rows": mark("Rows"),
    "columns": mark("Columns"),
    "format": mark("Format"),
    "recipe_hash": mark("Recipe"),
    "policy_version": mark("Policy version"),
    "column_classes": mark("Column classes"),
    "person": mark("Person"),
    "since": mark("Since"),
    "text": mark("Text"),
    "action": mark("Action"),
    "feed": mark("Rates"),
    "outcome": mark("Outcome"),
    "source": mark("Source"),
    "sha256": mark("Fingerprint of the file"),
    "campaign": mark("Campaign"),
    "title": mark("Title"),
    "product": mark("Product"),
    "segment": mark("Segment"),
    "holdout": mark("Left alone"),
    "seed": mark("Seed"),
    "on": mark("On"),
    "owner": mark("Owner"),
    "transactions": mark("Transactions"),
}
# What books and tables are asked for, beside indicators; and the columns of files and scopes.
NAMES = {
    "count": mark("number of customers"),
    "name": mark("names"),
    "attributes": mark("what is recorded of them"),
    "products": mark("products held"),
    "transactions": mark("transactions"),
    "months": mark("months"),
    "by_month": mark("sums by month"),
    "customer_id": mark("customer"),
    "segment": mark("segment"),
    "segment_name": mark("name of the segment"),
    "manager_id": mark("manager"),
    "team_id": mark("team"),
    "branch_id": mark("branch"),
    "department": mark("department"),
    "pii": mark("personal"),
    "sensitive": mark("sensitive"),
    "profit": mark("profit"),
    "fx": mark("exchange rates"),
    "campaign answers": mark("answers to campaigns"),
    "campaign members": mark("who is in campaigns"),
    "channels": mark("channels used"),
    "suitability": mark("whom a product suits"),
    "account lines": mark("account lines"),
    "accounts": mark("accounts"),
    "activity": mark("activity"),
    "birthdays": mark("birthdays"),
    "channel lines": mark("channel lines"),
    "contacts and answers": mark("contacts and answers"),
    "customers by branch": mark("customers by branch"),
    "customers by manager": mark("customers by manager"),
    "customers by region": mark("customers by region"),
    "drifting customers": mark("drifting customers"),
    "holdings": mark("holdings"),
    "large outflow": mark("large outflow"),
    "maturing deposits": mark("maturing deposits"),
    "newcomers": mark("new customers"),
    "presence by month": mark("presence by month"),
    "product lines": mark("product lines"),
    "products opened": mark("products opened"),
    "profit at other rates": mark("profit at other rates"),
    "purchase history": mark("purchase history"),
    "referred customers": mark("referred customers"),
    "relationship history": mark("relationship history"),
    "reviews due": mark("reviews due"),
    "spent": mark("spent"),
    "surveys": mark("surveys"),
    "who looks after whom": mark("who looks after whom"),
}
NAMED = ("what", "columns", "column_classes", "feed")  # details that hold such names
SHOWN_DAYS = 30


@dataclass(frozen=True)
class Summary:
    """The trail in figures: how many entries in all, since when, today (in UTC) and lately."""

    entries: int
    since: datetime | None
    today: int
    people_today: int
    refusals: int
    files: int


def require_auditor(book: Book) -> None:
    """Raise NotAllowed for anybody but an auditor."""
    if "auditor" not in book.person.roles:
        raise NotAllowed(_("Only an auditor reads the audit trail."), _("Ask yours."))


def verified(book: Book, asked: str) -> Verdict:
    """Walk the trail of the store in use, with its progress; asked : tells one verification from the next."""
    require_auditor(book)
    trail = open_store(None, book.warehouse.root).audit
    return trail.verify(step=lambda share: checkpoint(share, _("Verifying the trail")))


def summary(trail: Audit, moment: datetime | None = None) -> Summary:
    """What the page's sentence and tiles say."""
    moment = moment or datetime.now(UTC)
    today, week = datetime.combine(moment.date(), time(), UTC), moment - timedelta(days=7)
    return Summary(
        entries=trail.head().entries,
        since=trail.first_at(),
        today=trail.count(since=today),
        people_today=len(trail.people(since=today)),
        refusals=trail.count(action="refused", since=week),
        files=trail.count(action="file taken", since=week),
    )


def trail_sentence(verdict: Verdict | None, found: Summary) -> str:
    """The page's answer; None while the trail is still walked."""
    if verdict is not None and not verdict.whole:
        return _("The trail is NOT whole: entry {n} is the first that does not fit.").format(
            n=number(verdict.first)
        )
    if found.since is None:
        return _("The trail is empty: nothing has been recorded yet.")
    entries = plural("{n} entry", "{n} entries", found.entries).format(n=number(found.entries))
    refusals = plural("{n} refusal", "{n} refusals", found.refusals).format(n=number(found.refusals))
    said = (
        _("The trail is being verified: {entries} since {day}, {today} of them today; {refusals} in the last seven days.")
        if verdict is None
        else _("The trail is whole: {entries} since {day}, {today} of them today; {refusals} in the last seven days.")
    )  # fmt: skip
    return said.format(
        entries=entries, day=day(found.since.date()), today=number(found.today), refusals=refusals
    )


def action_label(action: str) -> str:
    """An action as a person reads it; one that nobody described stands as it was recorded."""
    return _(ACTIONS[action]) if action in ACTIONS else action.capitalize()


def rows_of(entries: Sequence[Entry]) -> pd.DataFrame:
    """The entries as a table: number, when, who, what, and its details in words."""
    return pd.DataFrame(
        {
            "entry": [entry.id for entry in entries],
            "at": [f"{entry.at:%Y-%m-%d %H:%M:%S}" for entry in entries],
            "person": [entry.person for entry in entries],
            "action": [action_label(entry.action) for entry in entries],
            "details": [in_short(entry) for entry in entries],
        }
    )


def details_of(entry: Entry) -> list[tuple[str, str]]:
    """Everything that an entry says beside who, when and what: label and text."""
    said = [
        (_(DETAILS[key]) if key in DETAILS else _plain_key(key), _told(key, value))
        for key, value in entry.details.items()
    ]
    return [*said, (_("Warehouse version"), entry.version or NOTHING)]


def in_short(entry: Entry) -> str:
    """What a row of the table says of an entry."""
    firsts = (
        "said",
        "customer_id",
        "what",
        "format",
        "rows",
        "customers",
        "where",
        "feed",
        "outcome",
        "person",
        "os_account",
    )
    shown = [key for key in firsts if entry.details.get(key) not in (None, "", [])]
    return in_a_row(
        *(labelled(_(DETAILS[key]), _told(key, entry.details[key])) + ";" for key in shown)
    ).rstrip(";")


def per_day(trail: Audit, moment: datetime | None = None) -> pd.DataFrame:
    """Entries per day and kind, of the last thirty days: columns day, kind, entries; at most seven kinds."""
    last = (moment or datetime.now(UTC)).date()
    first = last - timedelta(days=SHOWN_DAYS - 1)
    kind_of = {action: kind for kind, (_label, actions) in KINDS.items() for action in actions}
    found = trail.by_day(datetime.combine(first, time(), UTC))
    rows = [(on, kind_of.get(action, OTHER[0]), n) for on, action, n in found]
    return (
        pd.DataFrame(rows, columns=["day", "kind", "entries"]).groupby(["day", "kind"], as_index=False).sum()
    )


def kind_labels() -> dict[str, str]:
    """Every kind of the picture, in its order."""
    return {kind: _(label) for kind, (label, _actions) in KINDS.items()} | {OTHER[0]: _(OTHER[1])}


def _told(key: str, value: Any) -> str:
    """A detail in words: indicators by their labels, a scope's columns by theirs."""
    if key == "scope":
        return re.sub(
            r"\b(manager_id|team_id|branch_id|department):", lambda found: f"{_named(found[1])}:", str(value)
        )
    if key == "action":
        return action_label(str(value))
    if key in NAMED:
        return _(", ").join(_named(str(name)) for name in (value if isinstance(value, list) else [value]))
    return _written(value)


def _named(name: str) -> str:
    if name in CATALOGUE:
        return _(CATALOGUE[name].label)
    known = name if name in NAMES else name.split(" ")[0]
    return _(NAMES[known]) if known in NAMES else name.replace("_", " ")


def _written(value: Any) -> str:
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, list):
        return _(", ").join(_written(part) for part in value)
    if isinstance(value, dict):
        return _(", ").join(f"{_plain_key(str(key))} {_written(part)}" for key, part in value.items())
    return str(value)


def _plain_key(key: str) -> str:
    return key.replace("_", " ").capitalize()
