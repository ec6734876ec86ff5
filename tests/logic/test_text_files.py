"""Foreign text: headers, broken lines, line numbers."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.warehouse.text_files import count_lines, read_header, repair

KNOWN = ("customer_id", "booked_at", "amount")


def written(folder: Path, content: bytes, name: str = "transactions.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_yields_the_known_names(tmp_path: Path, delimiter: str) -> None:
    header = delimiter.join(["Customer_ID ", "BOOKED_AT", '"Amount"', "note"])
    text = read_header(written(tmp_path, header.encode() + b"\n"), KNOWN)
    assert (text.delimiter, text.names) == (delimiter, (*KNOWN, "note"))


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbfcustomer_id,amount\r\n")
    assert read_header(path, KNOWN).names == ("customer_id", "amount")


def test_a_packed_file_is_read_like_any_other(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"customer_id,amount\n1,2\n"), "transactions.csv.gz")
    assert read_header(path, KNOWN).names == ("customer_id", "amount")
    assert count_lines(path) == 2


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        ("客户,amount\n".encode("gb18030"), "is not UTF-8"),
        ("customer_id,amount\n".encode("utf-16"), "is not UTF-8"),
        (b"amount,Amount\n", "more than once"),
        (b"customer_id,amount\rA,1\rB,2\r", "a carriage return alone"),
        (b"customer_id,amount\nA,1\rB,2\r", "a carriage return alone"),
    ],
)
def test_a_header_that_cant_be_read_is_refused_by_name(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_header(written(tmp_path, content), KNOWN)
    assert "transactions.csv" in refused.value.what
    assert what in refused.value.what
    assert refused.value.remedy


def test_a_break_within_quotes_is_no_end_of_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, b'customer_id,amount\r\n"A\rB",1\r\n"A\r\nB",2\r\n')
    assert read_header(path, KNOWN).names == ("customer_id", "amount")
    wide = written(tmp_path, b'customer_id,"' + b"x" * 200_000 + b'"\n')
    assert read_header(wide, KNOWN)


def test_a_broken_archive_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, b"no archive", "transactions.csv.gz")
    with pytest.raises(BadInput, match="can't be unpacked"):
        read_header(path, KNOWN)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n\n", b"\r\n\r\n"])
def test_blank_lines_at_the_end_are_not_counted(tmp_path: Path, end: bytes) -> None:
    assert count_lines(written(tmp_path, b"a,b\n1,2\n3,4" + end)) == 3


def test_a_quote_that_nobody_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    path = written(tmp_path, b'a,b\n1,"x\ny"\n2,"open\n3,z\n4,"also open\n5,w\n')
    beyond = repair(read_header(path, ("a", "b")), tmp_path / "copy.csv")
    assert beyond == {4: '2,"open', 6: '4,"also open'}
    with (tmp_path / "copy.csv").open(newline="") as copy:
        rows = [row for row in csv.reader(copy) if len(row) == 2]
    assert rows == [["a", "b"], ["1", "x\ny"], ["3", "z"], ["5", "w"]]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=20))
def test_a_sound_file_needs_no_repair(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("sound")
    clean = [tuple(cell.replace("\r", "").replace("\0", "") for cell in row) for row in rows]
    with (folder / "t.csv").open("w", newline="", encoding="utf-8", errors="replace") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("a", "b"), *clean])
    beyond = repair(read_header(folder / "t.csv", ("a", "b")), folder / "copy.csv")
    broken_by_length = any(cell.count("\n") > 40 for row in clean for cell in row)
    assert beyond == {} or broken_by_length
    assert (folder / "copy.csv").read_bytes() == (folder / "t.csv").read_bytes() or beyond
