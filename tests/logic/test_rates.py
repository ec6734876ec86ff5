"""Rates that come in: from real files and from feeds that lie. Nothing broken is ever taken."""

import gzip
import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.warehouse.building import building
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.rates.delivery import fetch
from analytics.warehouse.rates.importing import Absurd, import_rates, known_quotes
from analytics.warehouse.rates.judging import change, doubts
from analytics.warehouse.rates.layouts import KINDS, quotes
from analytics.warehouse.rates.sheets import read_sheet
from analytics.warehouse.versions import current_version, rollback, versions
from tests.conftest import HAND, SHARED_DATA, write_tables

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
ECB = """Date,USD,JPY,CYP,CNY,
2026-06-30,1.0,160,N/A,7.4,
2026-06-29,1.1,N/A,N/A,7.7,
2007-12-31,1.4721,164.93,0.585274,N/A,
"""
PLAIN = "currency,rate_date,rate\nUSD,2026-06-29,7.25\nUSD,2026-06-30,7.30\n"
PRICES = "product_id,effective_from,customer_rate,transfer_rate\nP1,2026-06-15,0.01,0.04\n"
HTML = b"<!doctype html><html><body>Please sign in</body></html>"


def fx(text: str | bytes, base: str = "CNY") -> dict[tuple[str, str], float]:
    """The exchange rates that a delivery quotes, by currency and day."""
    content = text if isinstance(text, bytes) else text.encode()
    found = quotes(read_sheet(content, "feed.csv"), KINDS["fx"], base)
    return {(row.currency, row.rate_date.isoformat()): row.rate for row in found.itertuples()}


def said_alone(value: object) -> str:
    """A test's name without the file, in which packers write the time: workers must find the same names."""
    return value if isinstance(value, str) else "file"


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_csv", ".csv"), text)
    return packed.getvalue()


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


def without(book: bytes, part: str) -> bytes:
    """A workbook one of whose files holds something else."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(kept, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"\x00<" if part in name else old.read(name))
    return kept.getvalue()


def far(row: int = 2, column: str = "C") -> bytes:
    """A small workbook that says its last cell is far away."""
    book, kept = workbook(("currency", "rate_date", "rate"), ("USD", "2026-06-30", 7)), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(kept, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if "sheet1" in name:
                text = text.replace('<row r="2"', f'<row r="{row}"').replace('r="C2"', f'r="{column}{row}"')
                text = re.sub("<dimension[^>]*>", "", text)
                text = text.replace('r="A2"', f'r="A{row}"').replace('r="B2"', f'r="B{row}"')
            new.writestr(name, text)
    return kept.getvalue()


class Lies(BaseHTTPRequestHandler):
    """A server of rates that can't be relied upon: what it does is in the address."""

    def do_GET(self) -> None:
        what = self.path.strip("/")
        if what == "slow":
            sleep(1.5)
        if what == "missing":
            self.send_error(404)
            return
        if what == "to-a-file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
            return
        body = HTML if what == "page" else b"" if what == "empty" else PLAIN.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (100 if what == "cut-off" else 0)))
        self.end_headers()
        for byte in body if what == "dripping" else [body]:
            self.wfile.write(bytes([byte]) if isinstance(byte, int) else byte)
            self.wfile.flush()
            sleep(0.1 if what == "dripping" else 0)

    def log_message(self, *_said: object) -> None:
        """Not to the tests' output."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server on this machine that lies."""
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Lies)
    serving.daemon_threads = True
    Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory, hand_folder: Path) -> Path:
    """The bank of six customers, for tests in which nothing may be published."""
    return shutil.copytree(hand_folder, tmp_path_factory.mktemp("still") / "bank")


@pytest.fixture
def bank(tmp_path: Path, hand_folder: Path) -> Path:
    """The bank of six customers in a folder that may be published into."""
    return shutil.copytree(hand_folder, tmp_path / "bank")


def brought(bank: Path, feed: str, text: str | bytes, **options: bool) -> dict:
    return import_rates(bank, feed, text if isinstance(text, bytes) else text.encode(), "feed.csv", **options)


@contextmanager
def nothing_changes(bank: Path) -> Iterator[None]:
    """Whatever happens inside, the bank serves what it did and keeps no remains."""
    before = sorted(path.name for path in (bank / "versions").iterdir()), current_version(bank)
    yield
    assert (sorted(path.name for path in (bank / "versions").iterdir()), current_version(bank)) == before


# What files say


def test_europes_rates_are_crossed_into_the_base_currency():
    found = fx(ECB)
    assert found["USD", "2026-06-30"] == 7.4
    assert found["USD", "2026-06-29"] == pytest.approx(7.0)
    assert found["EUR", "2026-06-29"] == 7.7
    assert found["JPY", "2026-06-30"] == pytest.approx(7.4 / 160)
    assert ("JPY", "2026-06-29") not in found  # N/A
    assert not [key for key in found if key[0] in ("CNY", "CYP") or key[1] == "2007-12-31"]


def test_in_euros_europes_rates_are_turned_over():
    found = fx(ECB, "EUR")
    assert found["CYP", "2007-12-31"] == pytest.approx(1 / 0.585274)
    assert found["CNY", "2026-06-30"] == pytest.approx(1 / 7.4)
    assert not [key for key in found if key[0] == "EUR"]


@pytest.mark.parametrize(
    "content",
    [
        zipped(eurofxref_hist_csv=ECB),
        gzip.compress(ECB.encode()),
        b"\xef\xbb\xbf" + ECB.replace("\n", "\r\n").encode(),
        ECB.replace(",", ";").encode(),
        ECB.replace("Date,USD,JPY", "Date, USD, JPY").replace("2026-06-30", "30 June 2026").encode(),
    ],
    ids=["zip", "gzip", "windows", "semicolons", "written dates"],
)
def test_a_file_says_the_same_however_it_is_packed(content):
    assert fx(content) == fx(ECB)


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="../shared/data is not here")
def test_the_european_central_banks_own_file():
    content = (SHARED_DATA / "eurofxref-hist.zip").read_bytes()
    found = fx(content)
    assert len(found) > 170_000
    assert found["USD", "2026-10-30"] == 7.4326 / 1.1172
    assert found["GBP", "2026-10-29"] == 7.4144 / 0.83578
    assert min(day for _name, day in found) == "2005-04-01"  # the first with a Chinese rate
    for cut in (len(content) // 3, len(content) - 5):
        with pytest.raises(BadInput, match="half"):
            fx(content[:cut])


def test_excel_says_what_a_csv_does():
    rows = workbook(
        ("Product ID", "effective from", "customer_rate", "transfer_rate", "note"),
        ("P1", datetime(2026, 6, 15), 0.01, 0.04, None),
        (7, "2026-06-15", 0, 0.04, "free"),
    )
    found = quotes(read_sheet(rows, "prices.xlsx"), KINDS["products"], "CNY")
    assert found.to_dict("list") == {
        "product_id": ["7", "P1"], "effective_from": [date(2026, 6, 15)] * 2,
        "customer_rate": [0.0, 0.01], "transfer_rate": [0.04, 0.04],
    }  # fmt: skip
    with pytest.raises(BadInput, match="half"):
        read_sheet(rows[: len(rows) // 2], "prices.xlsx")


TOO_LATE = (datetime.now(UTC) + timedelta(days=4)).date().isoformat()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HTML, "web page"),
        (b"\n  <!DOCTYPE HTML>", "web page"),
        (b"currency,rate_date,rate\n", "no rates"),
        (zipped(one_csv=ECB, two_csv=ECB), "2 CSV files"),
        (b"PK\x03\x04 and nothing more", "half"),
        (gzip.compress(ECB.encode())[:-12], "half"),
        (PLAIN.encode("utf-16"), "UTF-8"),
        (PLAIN.replace("USD", "Dólar").encode("latin-1"), "UTF-8"),
        (b"currency,date,rate\nUSD,2026-06-30,7\n", "rate_date"),
        (b"a,b\n1,2\n", "currency"),
        (PLAIN[:-10].encode(), "half"),  # USD,2026-06
        (PLAIN[:-3].encode(), "half"),  # 7. of 7.30
        (ECB[:-10].encode(), "half"),
        ((PLAIN + '"USD').encode(), "half"),
        (b"currency,rate_date,rate,Rate\nUSD,2026-06-30,7,9\n", "two columns rate"),
        (
            workbook(("currency", "rate_date", "rate", "rate"), ("USD", "2026-06-30", 7, 9)),
            "two columns rate",
        ),
        (far(row=1_000_000_000), "more than 500,000 lines"),
        (far(column="XFD"), "or 1,000 columns"),
        (b"currency,rate_date,rate\n" + b"," * 2_000 + b"\n", "or 1,000 columns"),
        (
            b"currency,rate_date,rate\n" + b"\n" * 600_000 + PLAIN.splitlines()[1].encode() + b"\n",
            "500,000 lines",
        ),
        (zipped(**{"xl/workbook.xml": "<broken"}), "opened as an Excel file"),
        (zipped(**{"xl/workbook.xml": "<a/>", "[Content_Types].xml": "<a/>"}), "opened as an Excel file"),
        (
            without(workbook(("currency", "rate_date", "rate"), ("USD", "2026-06-30", 7)), "sheet1"),
            "Excel file",
        ),
        (
            without(workbook(("currency", "rate_date", "rate"), ("USD", "2026-06-30", 7)), "styles"),
            "Excel file",
        ),
        ((PLAIN + "USD,2026-06-28,-7.1\n").encode(), "above zero"),
        ((PLAIN + "USD,2026-06-28,0\n").encode(), "above zero"),
        ((PLAIN + "USD,2026-06-28,NaN\n").encode(), "as a number"),
        ((PLAIN + "USD,2026-06-28,inf\n").encode(), "as a number"),
        ((PLAIN + "USD,2026-06-28,\n").encode(), "as a number"),
        ((PLAIN + "USD,28.6.2026,7\n").encode(), "YYYY-MM-DD"),
        ((PLAIN + "USD,0026-06-28,7\n").encode(), "1800"),
        ((PLAIN + f"USD,{TOO_LATE},7.3\n").encode(), "future"),
        ((PLAIN + ",2026-06-28,7\n").encode(), "empty"),
        ((PLAIN + "USD,2026-06-30,7.31\n").encode(), "two different"),
        (ECB.replace("CNY", "INR").encode(), "CNY"),
        (ECB.replace("1.1", "-1.1").encode(), "above zero"),
        (ECB.replace("N/A,7.7", "N/A,#REF!").encode(), "as a number"),
    ],
    ids=said_alone,
)
def test_a_file_that_lies_is_refused_in_words_and_nothing_of_it_is_taken(still, content, said):
    with nothing_changes(still), pytest.raises(BadInput, match=said) as refused:
        brought(still, "fx", content)
    assert refused.value.remedy


def test_a_last_line_that_nothing_ends_is_taken_though_its_figure_is_shorter_than_others():
    assert fx(PLAIN.rstrip("\n")) == fx(PLAIN)
    assert fx(PLAIN.removesuffix("0\n")) == fx(PLAIN)
    assert fx("currency,rate_date,rate\nUSD,2026-06-30,7") == {("USD", "2026-06-30"): 7.0}


@given(st.integers(1, len(ECB) - 2))
def test_wherever_europes_file_is_cut_no_figure_is_taken_wrong(cut):
    try:
        found = fx(ECB[:cut])
    except BadInput:
        return
    assert found.items() <= fx(ECB).items()


# Where they come from


def test_an_address_gives_what_a_file_does(server, tmp_path):
    (tmp_path / "rates.csv").write_text(PLAIN)
    assert fetch(f"{server}/rates.csv") == fetch(str(tmp_path / "rates.csv")) == PLAIN.encode()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("slow", "too long"),
        ("dripping", "too long"),
        ("cut-off", "broke off"),
        ("missing", "404"),
        ("empty", "empty"),
        ("to-a-file", "302|can't be reached"),
    ],
)
def test_a_server_that_lies_is_told_in_words(server, where, said):
    with pytest.raises(BadInput, match=said):
        fetch(f"{server}/{where}", patience=1.0 if said == "too long" else 60.0)


def test_an_address_that_nobody_answers_and_one_that_is_none(server):
    for address in ("http://127.0.0.1:9/fx.csv", "http://", "http://no such host/"):
        with pytest.raises(BadInput, match="reached"):
            fetch(address, patience=3)


def test_what_is_too_large_is_not_read_to_its_end(server, tmp_path):
    (tmp_path / "rates.csv").write_text(PLAIN)
    for source in (f"{server}/rates.csv", str(tmp_path / "rates.csv")):
        with pytest.raises(BadInput, match="MB"):
            fetch(source, largest=20)


def test_secrets_of_an_address_are_in_no_message(server):
    with pytest.raises(BadInput) as refused:
        fetch(server.replace("//", "//me:secret@") + "/missing?key=hidden")
    assert "secret" not in str(refused.value)
    assert "hidden" not in str(refused.value)


# What becomes of them


def test_new_rates_are_published_beside_the_old_and_count_from_their_day(bank, whole_book):
    before = whole_book(open_warehouse(bank))
    document = brought(bank, "fx", PLAIN)
    after = whole_book(open_warehouse(bank))
    assert document["published"]
    assert (document["new"], document["changed"], document["newest"]) == (2, 0, "2026-06-30")
    assert document["version"] == current_version(bank) == versions(bank)[-1]["version"]
    # 10,000 dollars in June, now at 7.30 instead of 7.20: 73,000 x 0.03 x 30 / 365.
    june = after.warehouse.query(
        "SELECT spread_cents FROM customer_month WHERE month_end = '2026-06-30' AND deposit_cents = 7300000"
    )
    assert june["spread_cents"].to_pylist() == [180_00]
    old, new = (book.frame(["profit_12m", "balance_average_3m"], as_of=MAY) for book in (before, after))
    assert old.equals(new)  # an old date uses the old rates
    assert len(known_quotes(bank, KINDS["fx"])) == 5


def test_a_new_price_counts_from_its_day_and_an_old_date_keeps_the_old_one(bank, whole_book):
    then = {day: whole_book(open_warehouse(bank)).frame(["profit_12m"], as_of=day) for day in (MAY, JUNE)}
    brought(bank, "products", PRICES, accept=True)  # twice the margin
    book = whole_book(open_warehouse(bank))
    assert book.frame(["profit_12m"], as_of=MAY).equals(then[MAY])
    # June of C1 at a margin of 0.03 instead of 0.01 on 365,000 for 30 days: 900 instead of 300.
    moved = book.frame(["profit_12m"]).set_index("customer_id") - then[JUNE].set_index("customer_id")
    assert moved.loc["C1", "profit_12m"] == pytest.approx(600.0)
    assert moved.loc["C2", "profit_12m"] == 0


def test_rates_that_are_known_already_publish_nothing(still):
    with nothing_changes(still):
        document = brought(still, "fx", HAND["fx_rates"])
    assert (document["published"], document["version"], document["unchanged"]) == (False, None, 3)


def test_a_version_made_anew_equals_one_loaded_with_the_same_rates(bank, tmp_path):
    brought(bank, "fx", PLAIN)
    loaded = HAND | {"fx_rates": HAND["fx_rates"] + PLAIN.split("\n", 1)[1]}
    load(write_tables(tmp_path / "whole", loaded), tmp_path / "other")
    made, whole = open_warehouse(bank), open_warehouse(tmp_path / "other")
    for table in ("customer_month", "customer_now", "month_rate", "price_period"):
        rows = [bank.query(f"SELECT * FROM {table} ORDER BY ALL").to_pylist() for bank in (made, whole)]
        assert rows[0] == rows[1], table
    assert made.manifest.report["warnings"] == whole.manifest.report["warnings"]
    assert made.manifest.tables == whole.manifest.tables


def test_a_missing_rate_is_told_until_it_comes(bank):
    told = [line for line in open_warehouse(bank).manifest.report["warnings"] if "EUR" in line]
    brought(bank, "fx", "currency,rate_date,rate\nEUR,2026-06-01,7.8\n")
    warnings = open_warehouse(bank).manifest.report["warnings"]
    assert told
    assert not [line for line in warnings if "EUR" in line]


def test_a_newest_rate_far_from_the_one_before_waits_for_somebody(bank):
    absurd = "currency,rate_date,rate\nUSD,2026-07-02,9.00\nEUR,2026-06-01,7.8\n"  # 7.50 of 1 July
    with (
        nothing_changes(bank),
        pytest.raises(Absurd, match=r"USD on 2 July 2026: 9, after 7\.5 on 1 July 2026") as waits,
    ):
        brought(bank, "fx", absurd)
    assert [(doubt.name, doubt.now, doubt.before) for doubt in waits.value.doubts] == [("USD", 9.0, 7.5)]
    assert brought(bank, "fx", absurd, accept=True)["published"]


@pytest.mark.parametrize(("rate", "waits"), [("8.99", False), ("9.0", True), ("6.01", False), ("6.0", True)])
def test_a_fifth_is_too_far(still, rate, waits):
    known = known_quotes(still, KINDS["fx"])
    text = f"currency,rate_date,rate\nUSD,2026-07-02,{rate}\n"
    delivered = quotes(read_sheet(text.encode(), "feed"), KINDS["fx"], "CNY")
    assert bool(doubts(change(delivered, known, KINDS["fx"]), known, KINDS["fx"])) == waits


def test_history_is_imported_as_it_is(bank):
    past = (
        PLAIN[:24]
        + "USD,2020-01-01,1\nUSD,2020-01-02,100\nTRY,2026-06-01,1\nTRY,2026-06-02,5\nTRY,2026-06-03,5.1\n"
    )
    document = brought(bank, "fx", past)
    assert (document["new"], document["warnings"]) == (5, [])
    document = brought(bank, "fx", "currency,rate_date,rate\nUSD,2020-01-01,60\n")
    assert document["changed"] == 1
    assert "moved by 20%" in document["warnings"][0]


def test_a_correction_of_the_newest_rate_is_held_against_the_one_before_it(bank):
    with pytest.raises(Absurd, match=r"after 7\.2 on 29 May 2026"):
        brought(bank, "fx", "currency,rate_date,rate\nUSD,2026-07-01,8.7\n")
    assert brought(bank, "fx", "currency,rate_date,rate\nUSD,2026-07-01,7.1\n")["changed"] == 1


def test_percent_written_for_fractions_wait_for_somebody(bank):
    with pytest.raises(Absurd, match="P1 on 15 June 2026: 3"):
        brought(bank, "products", PRICES.replace("0.04", "3"))
    assert brought(bank, "products", PRICES.replace("0.04", "-0.005"), accept=True)["published"]  # may be


def doubtful(still: Path, feed: str, text: str) -> list[tuple[str, str, float, float | None]]:
    """What a delivery would have to be asked about: name, day, now and before."""
    known, kind = known_quotes(still, KINDS[feed]), KINDS[feed]
    delivered = quotes(read_sheet(text.encode(), "feed"), kind, "CNY")
    found = doubts(change(delivered, known, kind), known, kind)
    return [(doubt.name, doubt.day.isoformat(), doubt.now, doubt.before) for doubt in found]


@pytest.mark.parametrize(
    ("price", "waits"),
    [
        ("0.0239", False),
        ("0.0251", True),
        ("0.0161", False),
        ("0.025", False),
        ("0.0149", True),
        ("0.2", True),
    ],
)
def test_a_price_is_far_at_a_fifth_of_the_one_before_but_not_below_half_a_point(still, price, waits):
    assert bool(doubtful(still, "products", PRICES.replace("0.04", price))) == waits  # 0.02 before


def test_a_large_price_may_move_by_less_than_a_fifth(still):
    head = "product_id,effective_from,customer_rate,transfer_rate\n"
    assert not doubtful(still, "products", head + "L1,2026-08-01,0.19,0.03\n")  # 0.16 before
    assert doubtful(still, "products", head + "L1,2026-08-01,0.193,0.03\n")


HEAD = "currency,rate_date,rate\n"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # Two that are wrong alike: the first is far from 7.5 of 1 July, the second from nothing.
        ("USD,2026-07-02,70\nUSD,2026-07-03,70\n", [("USD", "2026-07-02", 70.0, 7.5)]),
        ("USD,2026-07-02,70\nUSD,2026-07-03,7.5\n",
         [("USD", "2026-07-02", 70.0, 7.5), ("USD", "2026-07-03", 7.5, 70.0)]),
        ("USD,2026-07-02,7.4\nUSD,2026-07-03,70\nUSD,2026-07-04,70.1\n", [("USD", "2026-07-03", 70.0, 7.4)]),
        ("USD,2026-06-01,70\nUSD,2026-07-02,7.6\n", []),  # history is as it is
        ("USD,2026-06-01,70\nUSD,2026-07-02,8.8\nUSD,2026-07-03,10\n", []),
        ("TRY,2026-06-01,1\nTRY,2026-06-02,5\nTRY,2026-06-03,5.1\n", []),  # nothing known: the last alone
        ("TRY,2026-06-01,1\nTRY,2026-06-02,5\n", [("TRY", "2026-06-02", 5.0, 1.0)]),
        ("TRY,2026-06-02,5\n", []),
        ("USD,2026-07-01,70\nUSD,2026-07-02,70\n",
         [("USD", "2026-07-01", 70.0, 7.5), ("USD", "2026-07-02", 70.0, 7.5)]),
    ],
)  # fmt: skip
def test_every_quote_after_the_newest_known_one_is_held_against_its_predecessor(still, rows, found):
    assert doubtful(still, "fx", HEAD + rows) == found


def test_rewriting_the_newest_known_rate_by_a_fifth_is_asked_about(bank):
    # 6 is no fifth below the 7.2 before it, but it is below the 7.5 that serves.
    with nothing_changes(bank), pytest.raises(Absurd, match=r"1 July 2026: 6, known as 7\.5 until now"):
        brought(bank, "fx", HEAD + "USD,2026-07-01,6\n")
    assert brought(bank, "fx", HEAD + "USD,2026-07-01,6\n", accept=True)["changed"] == 1


def test_prices_of_unknown_products_are_left_out_and_told(bank):
    document = brought(bank, "products", PRICES + "X9,2026-06-15,0.01,0.02\n", accept=True)
    assert document["tables"]["product_rates"]["rejected"] == 1
    assert "X9" in document["warnings"][0]
    with nothing_changes(bank), pytest.raises(BadInput, match="X9"):
        brought(bank, "products", PRICES.replace("P1", "X9"))


def test_while_another_build_runs_nothing_is_imported(bank):
    with building(bank), pytest.raises(BadInput, match="Another build"):
        brought(bank, "fx", PLAIN)
    assert brought(bank, "fx", PLAIN)["published"]


def test_a_build_that_fails_leaves_the_earlier_version_serving(bank):
    with nothing_changes(bank), pytest.raises(BadInput, match="too large to be true"):
        brought(bank, "fx", "currency,rate_date,rate\nUSD,2026-06-30,1e300\n", accept=True)


def test_copies_with_newer_rates_do_not_pile_up_and_what_was_loaded_stays(bank):
    loaded = current_version(bank)
    made = [
        brought(bank, "fx", f"currency,rate_date,rate\nUSD,2026-07-{day:02d},7.3\n")["version"]
        for day in range(2, 6)
    ]
    assert [row["version"] for row in versions(bank)] == [loaded, *made[-3:]]
    assert {path.stem for path in (bank / "versions").iterdir()} == {loaded, *made[-3:]}
    assert len(known_quotes(bank, KINDS["fx"])) == 7
    assert open_warehouse(bank).manifest.report["version"] == loaded  # where its rejected rows are kept


def test_a_version_that_was_gone_back_to_is_not_removed(bank):
    first = brought(bank, "fx", PLAIN)["version"]
    rollback(bank, first)
    for day in range(2, 5):
        text = f"currency,rate_date,rate\nUSD,2026-07-{day:02d},7.3\n"
        assert brought(bank, "fx", text)["published"]
        rollback(bank, first)
    assert first in [row["version"] for row in versions(bank)]
    assert len(known_quotes(bank, KINDS["fx"])) == 5
