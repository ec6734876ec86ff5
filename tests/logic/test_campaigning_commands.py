"""The commands about campaigns: the list, the call list as a file, and who may."""

import json
import sys

import pandas as pd
import pytest

from analytics.access.book import Book
from analytics.access.personas import PERSONAS
from analytics.commands import run
from analytics.needs.running import begin, calls_of, campaign_of
from analytics.store.campaigns import Plan
from analytics.store.store import open_store

LI, WANG, CHEN, ZHAO, SUN, *_OTHERS = (persona.email for persona in PERSONAS)
PLAN = Plan("=Cards", '[method]\nkey = "value_tiers"\n', 1, "C02", "phone", "Hello", 4.0, 10, 0.05, 0.03, 0.3)


@pytest.fixture
def command(monkeypatch, capfd, tmp_path, demo_folder):
    """Run one command over the demo bank, with a store of the test's own; code, stdout and stderr."""
    monkeypatch.setenv("CLIENTELE_STORE", f"sqlite:///{tmp_path / 'store.sqlite'}")

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["analytics", *map(str, words), "--warehouse", str(demo_folder)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def campaign(command, demo, demo_folder):
    """A campaign that the branch manager began."""
    store = open_store(None, demo_folder)
    book = Book.open(demo, store, WANG)
    worths = book.frame(["credit_amount_12m"]).set_axis(["customer_id", "worth"], axis=1)
    number = begin(book, store, PLAN, worths, worths["customer_id"], demo.newest_as_of, seed=5)
    return book, store, campaign_of(book, store, str(number))


def test_the_list_says_of_every_campaign_what_it_added(command, campaign):
    code, out, _err = command("campaigns", "list", "--user", WANG, "--json")
    assert code == 0
    rows = {row["campaign_id"]: row for row in json.loads(out)["campaigns"]}
    own = rows.pop(campaign[2].campaign_id)
    assert (own["verdict"], own["contacted"], own["uplift"]) == ("early", 0, None)
    for row in rows.values():
        shares = row["contacted_answers"] / row["contacted"], row["holdout_answers"] / row["holdout"]
        assert row["uplift"] == pytest.approx(shares[0] - shares[1])
        assert row["uplift_interval"]["low"] <= row["uplift"] <= row["uplift_interval"]["high"]
    assert command("campaigns", "list", "--user", WANG)[0] == 0


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_the_call_list_is_a_file_with_a_receipt_and_without_the_hold_out(command, campaign, tmp_path, ending):
    book, store, begun = campaign
    path = tmp_path / f"calls.{ending}"
    code, out, _err = command(
        "campaigns", "calls", begun.campaign_id, "--user", WANG, "--out", path, "--json"
    )
    assert code == 0
    rows = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}[ending](path)
    assert rows.columns.tolist() == [
        "manager_id",
        "week",
        "place",
        "customer_id",
        "contacted_on",
        "responded_on",
    ]
    assert rows["customer_id"].tolist() == calls_of(book, store, begun)["customer_id"].tolist()
    held = {one.customer_id for one in store.campaigns.members(begun.id) if one.is_holdout}
    assert held
    assert not held & set(rows["customer_id"])
    assert json.loads(out)["calls"] == len(rows)
    assert store.audit.count(person=WANG, action="file taken") == 1


def test_a_relationship_manager_takes_the_same_list_for_their_own_customers(command, campaign, tmp_path):
    code, _out, err = command(
        "campaigns", "calls", campaign[2].id, "--user", LI, "--out", tmp_path / "mine.csv"
    )
    assert code == 0, err
    assert set(pd.read_csv(tmp_path / "mine.csv")["manager_id"]) == {"E0001"}


@pytest.mark.parametrize("user", [CHEN, ZHAO, SUN, "nobody@x.example"])
def test_who_runs_no_campaigns_gets_no_list_and_no_file(command, campaign, tmp_path, user):
    code, out, err = command(
        "campaigns", "calls", campaign[2].id, "--user", user, "--out", tmp_path / "x.csv"
    )
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert not (tmp_path / "x.csv").exists()
    assert command("campaigns", "list", "--user", user)[0] == 1


def test_an_unknown_campaign_and_one_who_may_not_publish_are_refused_in_one_line(command, campaign, tmp_path):
    code, _out, err = command("campaigns", "calls", "99", "--user", WANG, "--out", tmp_path / "x.csv")
    assert code == 1
    assert "no campaign 99 of yours" in err
    code, _out, err = command("campaigns", "publish", "--user", LI)
    assert code == 1
    assert "Only a manager or a data steward" in err
