"""Who answers a contact: on UCI Bank Marketing, and on answers that are chance."""

import shutil

import numpy as np
import pandas as pd
import pytest

from analytics.errors import NotEnoughData
from analytics.needs.response import response
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from tests.conftest import SHARED_DATA
from tests.logic.test_architecture import ROOT

MARKETING = SHARED_DATA / "bank_marketing.csv.gz"
FACTS = """
SELECT date_diff('year', birth_date, contacted_at) AS age, occupation, education, marital_status, amount AS balance,
    month(contacted_at) AS month, day(contacted_at) AS day, surveys.* EXCLUDE (customer_id, customer_no, surveyed_on, nps),
    responded_at IS NOT NULL AS answered
FROM contacts JOIN customers USING (customer_id) JOIN transactions USING (customer_id) JOIN surveys USING (customer_id)
ORDER BY contacts.customer_no
"""


@pytest.mark.skipif(not MARKETING.exists(), reason="UCI Bank Marketing is not on this machine")
def test_bank_marketing_comes_through_staging_and_its_answers_are_foretold(
    tmp_path, open_raw, record_property
):
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(MARKETING, source)
    report = load(
        source, tmp_path / "bank", staging=ROOT / "data" / "staging" / "bank_marketing", base_currency="EUR"
    )
    assert {name: told["accepted"] for name, told in report["tables"].items()} == {
        "customers": 45_211, "transactions": 45_211, "contacts": 45_211, "surveys": 45_211, "campaigns": 1
    }  # fmt: skip
    rows = open_raw(open_warehouse(tmp_path / "bank")).execute(FACTS).df()
    assert "duration" not in rows
    assert int(rows["answered"].sum()) == 5_289
    found = response(rows.drop(columns="answered"), rows["answered"])
    record_property("auc", found.auc)
    assert found.auc > 0.75
    assert min(found.auc_folds) > 0.75
    assert found.brier < found.brier_share
    table = found.calibration
    record_property("calibration", table.round(4).to_string())
    assert (table["predicted"] - table["observed"]).abs().max() < 0.08
    assert table["takers"].sum() == 5_289
    chance = found.probability(rows.head(1_000))
    assert chance.shape == (1_000,)
    assert ((chance > 0) & (chance < 1)).all()


def test_answers_that_are_chance_are_not_foretold():
    chance = np.random.default_rng(3)
    facts = pd.DataFrame(
        {"age": chance.integers(20, 80, 3_000), "job": chance.choice(["a", "b", None], 3_000)}
    )
    found = response(facts, pd.Series(chance.random(3_000) < 0.2))
    assert 0.4 < found.auc < 0.6
    again = response(facts, pd.Series(np.random.default_rng(4).random(3_000) < 0.2))
    assert again.auc != found.auc


def test_the_same_contacts_have_the_same_answer_and_an_unknown_label_does_no_harm():
    chance = np.random.default_rng(5)
    facts = pd.DataFrame({"age": chance.integers(20, 80, 2_000), "job": chance.choice(["a", "b"], 2_000)})
    answered = pd.Series(chance.random(2_000) < np.where(facts["job"] == "a", 0.4, 0.1))
    one, other = response(facts, answered), response(facts, answered)
    assert one.auc == other.auc > 0.6
    new = facts.head(5).assign(job="never seen")
    np.testing.assert_array_equal(one.probability(new), other.probability(new))


def test_too_few_answers_are_refused():
    with pytest.raises(NotEnoughData, match="3 of 100 contacts"):
        response(pd.DataFrame({"age": range(100)}), pd.Series([True] * 3 + [False] * 97))
