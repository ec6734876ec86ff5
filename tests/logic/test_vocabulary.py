"""Words of the data: whatever the synthetic bank says has a Chinese word."""

import pytest

from analytics.translation import in_language
from analytics.vocabulary import in_words
from analytics.warehouse.demo import traits
from analytics.warehouse.demo.bank import REGIONS


@pytest.mark.parametrize("trait", [name for name in traits.TRAITS if name != "risk_tolerance"])
def test_every_answer_of_the_synthetic_bank_has_a_chinese_word(trait):
    with in_language("zh_CN"):
        raw = {answer for name, _, _, answer in traits.rows() if name == trait and in_words(answer).isascii()}
    assert raw == set()


def test_regions_are_called_as_the_bank_itself_calls_them():
    with in_language("zh_CN"):
        assert {region: in_words(region) for region in REGIONS} == REGIONS


def test_an_occupation_is_no_relationship_manager():
    with in_language("zh_CN"):
        assert in_words("manager") == "企业管理人员"
