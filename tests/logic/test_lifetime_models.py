"""BG/NBD, Gamma-Gamma and survival: the published answers, the laws of a fit, and what is refused."""

from datetime import date

import numpy as np
import pytest
from scipy.special import hyp2f1

from analytics.errors import NotEnoughData
from analytics.lifetime import bgnbd, gamma_gamma, survival
from analytics.lifetime.bgnbd import BGNBD, Kinds, fit_bgnbd, merged
from analytics.lifetime.gamma_gamma import fit_gamma_gamma
from analytics.lifetime.survival import Stays, Survival, fit_survival
from tests.conftest import SHARED_DATA

CDNOW_END = date(1997, 9, 30)


@pytest.fixture(scope="module")
def cdnow() -> dict[str, np.ndarray]:
    """The CDNOW sample's 39 weeks, read without the product: repeats, last, age (days), mean of the repeats."""
    path = SHARED_DATA / "cdnow_sample.txt"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    bought: dict[str, dict[date, float]] = {}
    for cells in (line.split() for line in path.read_text().splitlines() if line.strip()):
        day = date.fromisoformat(cells[2])
        if day <= CDNOW_END:
            days = bought.setdefault(cells[1], {})
            days[day] = days.get(day, 0.0) + float(cells[4])
    rows = []
    for days in bought.values():
        first, *others = sorted(days)
        mean = sum(days[day] for day in others) / len(others) if others else 0.0
        rows.append((len(others), (max(days) - first).days, (CDNOW_END - first).days, mean))
    return dict(zip(("repeats", "last", "age", "mean"), np.array(rows).T, strict=True))


def kinds_of(history: dict[str, np.ndarray]) -> Kinds:
    return merged(history["repeats"], history["last"], history["age"])


def simulated(r: float, alpha: float, a: float, b: float, customers: int, seed: int) -> dict[str, np.ndarray]:
    """Customers who buy as BG/NBD says, seen for 30 to 60 weeks; one purchase at most a day is not enforced."""
    chance = np.random.default_rng(seed)
    rate, going = chance.gamma(r, 1 / alpha, customers), chance.beta(a, b, customers)
    age = chance.integers(210, 421, customers)
    repeats, last = np.zeros(customers, int), np.zeros(customers, int)
    for who in range(customers):
        at = 0.0
        while chance.random() > going[who] or repeats[who] + at == 0:
            at += chance.exponential(1 / rate[who]) * 7
            if at > age[who]:
                break
            repeats[who], last[who] = repeats[who] + 1, int(at)
    return {"repeats": repeats, "last": last, "age": age}


def slopes(height, values: np.ndarray) -> np.ndarray:
    """The gradient by finite differences."""
    steps = 1e-5 * values
    return np.array(
        [
            (height(values + step * one) - height(values - step * one)) / (2 * step)
            for step, one in zip(steps, np.eye(len(values)), strict=True)
        ]
    )


def test_cdnow_gives_the_published_bgnbd(cdnow):
    model = fit_bgnbd(kinds_of(cdnow))
    assert model.customers == 2357
    found = [model.r, model.alpha, model.a, model.b]
    assert found == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=6e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_cdnow_gives_the_published_gamma_gamma(cdnow):
    model = fit_gamma_gamma(cdnow["repeats"], cdnow["mean"])
    assert [model.p, model.q, model.v] == pytest.approx([6.25, 3.74, 15.44], abs=6e-3)


def test_the_regular_of_the_paper_is_expected_to_come_as_often_as_it_says():
    model = BGNBD(0.243, 4.414, 0.793, 2.426, 0.0, 0)  # R's BTYD: customer 1516 of CDNOW, 52 weeks ahead
    assert model.expected([26], [216], [217], 52)[0] == pytest.approx(25.76, abs=0.01)


@pytest.mark.parametrize("values", [(0.24, 4.4, 0.8, 2.4), (1.5, 9.0, 2.0, 5.0), (0.6, 2.0, 1.0, 0.7)])
def test_the_expectation_is_the_papers_equation_10(values):
    r, alpha, a, b = values
    model = BGNBD(r, alpha, a, b, 0.0, 0)
    x, last, age, ahead = np.array([0, 1, 4, 9]), np.array([0, 35, 140, 70]), np.full(4, 210), 26.0
    a = a + 1e-7 * (a == 1)
    t, t_x = age / 7, last / 7
    series = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + t + ahead))
    above = (a + b + x - 1) / (a - 1) * (1 - ((alpha + t) / (alpha + t + ahead)) ** (r + x) * series)
    below = 1 + (x > 0) * a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x)
    assert model.expected(x, last, age, ahead) == pytest.approx(above / below, rel=1e-6)


def test_a_customer_with_a_thousand_purchases_does_not_overflow():
    expected = BGNBD(0.24, 4.4, 0.8, 2.4, 0.0, 0).expected([1000], [1090], [1095], 156)
    assert 0 < expected[0] < 1000 / 1095 * 156 * 7


def test_the_discount_is_the_integral_over_every_week():
    model, who = BGNBD(0.24, 4.4, 0.8, 2.4, 0.0, 0), ([3, 0], [100, 0], [200, 90])
    weeks = np.arange(0, 156.01, 0.25)
    until = np.array([model.expected(*who, week) for week in weeks])
    worth = 1.1 ** (-(weeks[1:] + weeks[:-1]) / 2 * 7 / 365)
    assert model.expected(*who, 156, 0.1) == pytest.approx(worth @ np.diff(until, axis=0), rel=1e-5)
    assert model.expected(*who, 156, 0.0) == pytest.approx(until[-1], rel=1e-12)


def test_gradients_are_the_slopes_of_the_likelihood(cdnow):
    kinds, values = kinds_of(cdnow), np.array([0.4, 6.0, 0.9, 1.7])
    _height, slope = bgnbd.log_likelihood(kinds, values)
    assert slope == pytest.approx(slopes(lambda v: bgnbd.log_likelihood(kinds, v)[0], values), rel=1e-5)
    known = (cdnow["repeats"] > 0) & (cdnow["mean"] > 0)
    spent, at = (cdnow["repeats"][known], cdnow["mean"][known]), np.array([5.0, 3.0, 20.0])
    _height, slope = gamma_gamma.log_likelihood(*spent, at)
    assert slope == pytest.approx(slopes(lambda v: gamma_gamma.log_likelihood(*spent, v)[0], at), rel=1e-5)
    stays, pair = leaving(0.7, 20.0, 2_000, 5), np.array([0.9, 30.0])
    _height, slope = survival.log_likelihood(stays, pair)
    assert slope == pytest.approx(slopes(lambda v: survival.log_likelihood(stays, v)[0], pair), rel=1e-5)


def test_merging_equal_customers_changes_nothing(cdnow):
    kinds = kinds_of(cdnow)
    columns = [cdnow[name].astype(int) for name in ("repeats", "last", "age")]
    apart = Kinds(*columns, np.ones(2357))
    values = (0.3, 5.0, 0.7, 2.0)
    assert len(kinds.count) < 1_100
    assert kinds.count.sum() == 2357
    one, other = bgnbd.log_likelihood(kinds, values), bgnbd.log_likelihood(apart, values)
    assert one[0] == pytest.approx(other[0], rel=1e-12)
    assert one[1] == pytest.approx(other[1], rel=1e-9)


def test_the_parameters_of_simulated_customers_are_found_again():
    truth = (0.8, 6.0, 0.9, 3.0)
    history = simulated(*truth, customers=12_000, seed=3)
    model = fit_bgnbd(kinds_of(history))
    assert [model.r, model.alpha] == pytest.approx(truth[:2], rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(0.9 / 3.9, rel=0.1)
    alive = model.alive(history["repeats"], history["last"], history["age"])
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (alive[history["repeats"] == 0] == 1).all()


def test_the_spend_of_simulated_customers_is_found_again():
    chance = np.random.default_rng(1)
    scale = chance.gamma(4.0, 1 / 30.0, 20_000)
    times = chance.integers(1, 12, 20_000)
    mean = chance.gamma(5.0 * times) / scale / times
    model = fit_gamma_gamma(times, mean)
    assert [model.p, model.q, model.v] == pytest.approx([5.0, 4.0, 30.0], rel=0.08)
    spend = model.mean_spend([0, 1, 1000], [0.0, 400.0, 400.0])
    assert spend[0] == pytest.approx(5 * 30 / 3, rel=0.05)  # of nobody anything is known
    assert spend[0] < spend[1] < spend[2]
    assert spend[2] == pytest.approx(400, rel=0.01)


def leaving(a: float, b: float, customers: int, seed: int) -> Stays:
    """Customers who leave month by month as the model says, first seen at some tenure, looked at for 40 months."""
    chance = np.random.default_rng(seed)
    going = chance.beta(a, b, customers)
    stay = np.maximum(chance.geometric(np.maximum(going, 1e-9)), 1) - 1  # months reached before leaving
    entered = chance.integers(0, 60, customers)
    seen = stay >= entered
    stay, entered = stay[seen], entered[seen]
    left = stay < entered + 40
    reached = np.where(left, stay, entered + 40)
    return Stays(entered.astype(float), reached.astype(float), left.astype(float), np.ones(len(stay)))


def test_survival_is_found_again_though_the_early_leavers_were_never_seen():
    model = fit_survival(leaving(0.8, 12.0, 40_000, 2))
    assert [model.a, model.b] == pytest.approx([0.8, 12.0], rel=0.12)


def test_where_all_leave_alike_the_chance_is_the_same_at_every_tenure():
    chance = np.random.default_rng(4)
    stay = np.minimum(chance.geometric(0.03, 20_000) - 1, 30).astype(float)
    model = fit_survival(Stays(np.zeros(20_000), stay, (stay < 30).astype(float), np.ones(20_000)))
    monthly = 1 - model.staying([0, 12, 30], 1)
    assert monthly == pytest.approx([0.03] * 3, rel=0.1)


def test_customers_who_are_all_alike_are_said_to_be():
    """Who leaves more readily the longer they stay is beyond the model; nearest is one chance for all."""
    stay = np.repeat([5.0, 10.0, 11.0, 12.0], [10, 200, 200, 100])
    left = (stay < 12).astype(float)
    model = fit_survival(Stays(np.zeros(510), stay, left, np.ones(510)))
    rate = 410 / (stay.sum() + 410)
    assert model.alike
    assert 1 - model.staying([0, 12, 60], 1) == pytest.approx([rate] * 3, rel=1e-3)
    months = stay.sum()
    assert model.log_likelihood == pytest.approx(410 * np.log(rate) + months * np.log(1 - rate), rel=1e-6)
    assert not fit_survival(leaving(0.8, 12.0, 4_000, 2)).alike


def test_stays_that_have_no_top_are_refused_in_words():
    stay = np.repeat([0.0, 60.0], 200)  # half leave at once, nobody ever after
    with pytest.raises(NotEnoughData, match="does not converge"):
        fit_survival(Stays(np.zeros(400), stay, (stay < 60).astype(float), np.ones(400)))


def test_months_worth_sums_the_chances_and_discounts_them():
    model = Survival(1.0, 9.0, 0.0, 10)
    by_hand = [9 / 10, 9 / 11, 9 / 12]  # B(1, 9 + t) / B(1, 9) = 9 / (9 + t)
    assert model.months_worth([0], 3)[0] == pytest.approx(sum(by_hand))
    discounted = sum(chance / 1.21 ** ((n + 1) / 12) for n, chance in enumerate(by_hand))
    assert model.months_worth([0], 3, 0.21)[0] == pytest.approx(discounted)
    assert model.staying([5], 0)[0] == 1


def test_what_cant_be_fitted_is_refused_in_words(cdnow):
    with pytest.raises(NotEnoughData, match="Only 2 customers came on a second day"):
        fit_bgnbd(merged([1, 1, 0], [5, 6, 0], [30, 40, 50]))
    forever = merged(
        [12] * 200 + [11, 13] * 100, [359] * 400, [360] * 400
    )  # like clockwork: nobody ever leaves
    with pytest.raises(NotEnoughData, match="does not converge"):
        fit_bgnbd(forever)
    with pytest.raises(NotEnoughData, match="positive amount"):
        fit_gamma_gamma([1, 2], [3.0, 4.0])
    with pytest.raises(NotEnoughData, match="Only 3 customers have left"):
        fit_survival(Stays(np.zeros(9), np.full(9, 5.0), np.array([1.0] * 3 + [0.0] * 6), np.ones(9)))


def test_amounts_without_an_expectation_are_refused():
    chance = np.random.default_rng(8)
    times = chance.integers(1, 6, 5_000)
    scale = chance.gamma(0.6, 1.0, 5_000)  # q 0.6: the mean over customers is infinite
    with pytest.raises(NotEnoughData, match="q is 0"):
        fit_gamma_gamma(times, chance.gamma(4.0 * times) / scale / times)


def test_a_large_history_is_fitted_to_the_same_top_as_from_afar(monkeypatch):
    history = simulated(0.7, 5.0, 0.8, 3.0, customers=4_000, seed=6)
    kinds = kinds_of(history)
    plain = fit_bgnbd(kinds)
    monkeypatch.setattr(bgnbd, "FIRST_LOOK", 200)
    led = fit_bgnbd(kinds)
    assert [led.r, led.alpha, led.a, led.b] == pytest.approx(
        [plain.r, plain.alpha, plain.a, plain.b], rel=2e-3
    )
