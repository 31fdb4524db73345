"""Measures against closed forms (model B1) and hand-made paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim import measures

# Switching probabilities of the cracker panel (Ecdat `Cracker`; Jain, Vilcassim & Chintagunta 1994),
# computed from its purchases: nabisco, private, sunshine, kleebler.
CRACKER = np.array(
    [
        [0.8418903150525088, 0.0764294049008168, 0.043757292882147025, 0.037922987164527425],
        [0.12160804020100502, 0.8050251256281407, 0.044221105527638194, 0.02914572864321608],
        [0.351931330472103, 0.19313304721030042, 0.38626609442060084, 0.06866952789699571],
        [0.3037383177570093, 0.11214953271028037, 0.08878504672897196, 0.4953271028037383],
    ]
)


def decay(rate: float, ticks: int = 120, start: float = 0.25) -> np.ndarray:
    return start * (1 - rate) ** np.arange(ticks)


class TestShares:
    def test_hhi(self):  # V23
        assert measures.hhi([0.5, 0.3, 0.2]) == pytest.approx(0.38, abs=1e-15)
        for sellers in (1, 2, 5):
            equal = np.full(sellers, 1 / sellers)
            assert measures.hhi(equal) == pytest.approx(1 / sellers)
            assert measures.effective_sellers(equal) == pytest.approx(sellers)

    def test_along_the_last_axis(self):
        assert measures.hhi([[1.0, 0.0], [0.5, 0.5]]).tolist() == [1.0, 0.5]

    def test_share_by_customers_and_by_revenue_differ_with_the_price(self):
        customers, price = np.array([30, 10]), np.array([1.0, 3.0])
        assert measures.unit_share(customers).tolist() == [0.75, 0.25]
        assert measures.revenue_share(customers * price).tolist() == [0.5, 0.5]

    def test_an_empty_market_has_no_shares(self):
        assert np.isnan(measures.unit_share([[0, 0]])).all()


class TestErosion:
    @pytest.mark.parametrize(("rate", "expected"), [(0.01, 68.97), (0.02, 34.31), (0.05, 13.51), (0.10, 6.58)])
    def test_constant_hazard(self, rate, expected):  # V31
        path = decay(rate)
        assert measures.half_life(path, window=1) == pytest.approx(expected, abs=1)
        assert measures.hazard(path) == pytest.approx(-math.log1p(-rate), abs=1e-12)
        assert measures.half_life_of_hazard(measures.hazard(path)) == pytest.approx(expected, abs=0.005)

    def test_half_life_starts_from_the_mean_of_the_first_year(self):
        path = np.r_[np.full(12, 0.4), np.full(8, 0.201), 0.2, 0.1]
        assert measures.half_life(path) == 20

    def test_never_halved_is_censored_and_not_the_horizon(self):
        assert measures.half_life(np.full(120, 0.25)) == math.inf

    def test_growing_into_the_first_year_is_no_erosion(self):
        path = np.r_[0.01, np.linspace(0.2, 0.4, 60)]
        assert measures.half_life(path) == math.inf

    def test_a_seller_without_a_first_year_has_none(self):
        assert math.isnan(measures.half_life(np.r_[np.zeros(24), np.full(60, 0.2)]))
        assert math.isnan(measures.half_life([]))

    def test_a_path_shorter_than_a_year(self):
        assert measures.half_life([0.4, 0.4, 0.1]) == 2

    def test_a_window_has_a_tick(self):
        with pytest.raises(ValueError, match="at least 1 tick"):
            measures.half_life([0.2], window=0)

    def test_hazard_stops_at_the_end_of_a_seller(self):
        path = decay(0.05, 30)
        assert measures.hazard(np.r_[path, np.zeros(20)]) == pytest.approx(measures.hazard(path))
        assert math.isnan(measures.hazard([0.2, 0.0, 0.0]))
        assert measures.half_life_of_hazard(-0.01) == math.inf

    def test_overtaking(self):
        falling, rising = np.linspace(0.5, 0.2, 31), np.linspace(0.1, 0.4, 31)
        # they are level at .1 + .01 t = .5 - .01 t, t = 20, where rounding decides
        assert measures.time_to_overtake(rising, falling) in (20, 21)
        assert measures.time_to_overtake(falling, rising) == 0
        assert measures.time_to_overtake(rising[:15], falling[:15]) == math.inf
        assert measures.time_to_overtake([0.2, 0.2], [0.2, 0.2]) == math.inf  # level is not ahead

    def test_overtaking_needs_the_same_ticks(self):
        with pytest.raises(ValueError, match="same ticks"):
            measures.time_to_overtake([0.1, 0.2], [0.1])

    def test_the_leading_rival_changes(self):
        share = np.array([[0.2, 0.5, 0.3], [0.2, 0.3, 0.5]])
        assert measures.leading_rival(share, 0).tolist() == [0.5, 0.5]
        assert measures.leading_rival(share, 2).tolist() == [0.5, 0.3]
        assert measures.leading_rival(share[:, :1], 0).tolist() == [0.0, 0.0]

    def test_exit(self):
        assert measures.time_to_exit([False, True, True, False, False]) == 3
        assert measures.time_to_exit([True, True]) == math.inf
        assert math.isnan(measures.time_to_exit([False, False]))


class TestSwitching:
    def test_switching_cost_logit(self):  # V3
        stay = math.e / (math.e + 2)
        matrix = np.full((3, 3), (1 - stay) / 2)
        np.fill_diagonal(matrix, stay)
        assert stay == pytest.approx(0.576117, abs=1e-6)
        assert measures.second_eigenvalue(matrix) == pytest.approx(0.364175, abs=1e-6)
        assert measures.second_eigenvalue(matrix) == pytest.approx((math.e - 1) / (math.e + 2))
        assert measures.stationary_shares(matrix) == pytest.approx([1 / 3] * 3)

    def test_two_vendors(self):  # V5
        matrix = np.array([[0.9, 0.1], [0.02, 0.98]])
        assert measures.stationary_shares(matrix)[0] == pytest.approx(1 / 6)
        assert measures.second_eigenvalue(matrix) == pytest.approx(0.88)
        assert measures.gap_half_life(0.88) == pytest.approx(5.422, abs=5e-4)
        assert math.log(0.4) / math.log(0.88) == pytest.approx(7.168, abs=5e-4)
        share, path = np.array([1.0, 0.0]), []
        for _ in range(20):
            path.append(share[0])
            share = share @ matrix
        assert measures.half_life(path, window=1) == 8

    def test_stationary_law_of_the_switching_cost_logit(self):  # V3b
        value = np.exp([0.5, 0.0, 0.0])
        for cost, expected in ((1.0, (0.498891, 0.250554, 0.250554)), (3.0, (0.560113, 0.219943, 0.219943))):
            weights = value[None] * np.exp(cost * np.eye(3))
            matrix = weights / weights.sum(axis=1, keepdims=True)
            assert measures.stationary_shares(matrix) == pytest.approx(expected, abs=1e-6)
        assert measures.gap_half_life(measures.second_eigenvalue(matrix)) == pytest.approx(4.999, abs=5e-4)

    def test_a_matrix_that_never_settles(self):
        with pytest.raises(ValueError, match="never closes"):
            measures.gap_half_life(measures.second_eigenvalue(np.eye(2)))

    def test_a_turning_matrix_has_a_modulus(self):
        turn = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
        assert measures.second_eigenvalue(0.5 * turn + 0.5 / 3) == pytest.approx(0.5)

    opening = np.array([60, 40, 0])
    customers = np.array([[55, 43, 2], [50, 44, 6]])
    ledger = ([0, 0, 1, 1, 1], [0, 0, 0, 1, 0], [1, 2, 2, 2, 1], [3, 2, 3, 1, 2])

    def test_counts_over_any_window(self):
        whole = measures.switching_counts(*self.ledger, self.customers, self.opening)
        assert whole.tolist() == [[105, 5, 5], [0, 82, 1], [0, 0, 2]]
        first = measures.switching_counts(*self.ledger, self.customers, self.opening, (0, 1))
        second = measures.switching_counts(*self.ledger, self.customers, self.opening, (1, 2))
        assert (first + second == whole).all()
        assert measures.switching_counts(*self.ledger, self.customers, self.opening, (1, 1)).sum() == 0

    def test_probabilities_and_losses(self):
        counts = measures.switching_counts(*self.ledger, self.customers, self.opening, (0, 1))
        assert measures.switching_probabilities(counts)[0] == pytest.approx([55 / 60, 3 / 60, 2 / 60])
        rate = measures.loss_rate(counts)
        assert rate[:2] == pytest.approx([5 / 60, 0])
        assert math.isnan(rate[2])  # nobody could leave it

    def test_a_ledger_that_does_not_add_up(self):
        short = tuple(column[:-1] for column in self.ledger)
        with pytest.raises(ValueError, match="add up"):
            measures.switching_counts(*short, self.customers, self.opening)

    @pytest.mark.parametrize("window", [(-1, 2), (0, 3), (2, 1)])
    def test_a_window_outside_the_run(self, window):
        with pytest.raises(ValueError, match="between ticks 0 and 2"):
            measures.switching_counts(*self.ledger, self.customers, self.opening, window)

    def test_retention_by_tenure(self):
        rates = measures.retention_by_tenure([0, 5, 6, 11, 30, 99], [0, 1, 1, 1, 0, 1], [0, 6, 12, 24, 36])
        assert rates[:2].tolist() == [0.5, 1.0]
        assert math.isnan(rates[2])
        assert rates[3] == 0.0

    def test_churn_and_initiation(self):
        assert measures.churn([5, 10], 100).tolist() == [0.05, 0.1]
        assert measures.initiation_index([3, 0], [1, 0]) == 0.75
        assert math.isnan(measures.initiation_index([0], [0]))


class TestValue:
    @pytest.mark.parametrize(
        ("retention", "discount", "expected"), [(0.9, 0.12, 4.09), (0.6, 0.12, 1.15), (0.8, 0.10, 2.67)]
    )
    def test_margin_multiple(self, retention, discount, expected):  # V24
        assert measures.margin_multiple(retention, discount) == pytest.approx(expected, abs=0.005)

    def test_expected_orders_on_a_real_panel(self):  # V24b
        orders = measures.expected_orders(CRACKER, 0.01)
        assert orders.sum(axis=1) == pytest.approx([101.0] * 4)
        assert orders[0, 0] == pytest.approx(55.822, abs=1e-3)
        assert orders[1, 0] == pytest.approx(52.299, abs=1e-3)

    def test_equity_is_the_margin_times_the_orders_of_every_buyer(self):
        equity = measures.customer_equity(CRACKER, [10, 0, 0, 1], [0.4, 0.2, 0.2, 0.2], 0.01)
        orders = measures.expected_orders(CRACKER, 0.01)
        assert equity[0] == pytest.approx(0.4 * (10 * orders[0, 0] + orders[3, 0]))
        assert (measures.customer_equity(CRACKER, [0, 5, 0, 0], [1.0] * 4, 0.01) > 0).all()  # rivals' customers count

    def test_equity_of_loyal_customers_is_a_perpetuity(self):
        assert measures.customer_equity(np.eye(2), [3, 0], [2.0, 2.0], 0.05) == pytest.approx([3 * 2 * 1.05 / 0.05, 0])

    def test_a_seller_without_customers_is_worth_nothing(self):
        matrix = np.array([[1.0, 0.0], [np.nan, np.nan]])
        assert measures.customer_equity(matrix, [7, 0], [1.0, 1.0], 0.1) == pytest.approx([77.0, 0.0])

    def test_discount_must_be_positive(self):
        with pytest.raises(ValueError, match="above 0"):
            measures.expected_orders(CRACKER, 0.0)

    def test_logsum(self):  # V2
        assert measures.expected_maximum([1.0, 0.5, 0.0]) == pytest.approx(2.257485, abs=1e-6)
        gain = measures.logsum_surplus(np.zeros(5), 3.0) - measures.logsum_surplus(np.zeros(4), 3.0)
        assert gain == pytest.approx(math.log(5 / 4) / 3)
        assert gain == pytest.approx(0.074381, abs=1e-6)

    def test_logsum_of_large_utilities_and_absent_options(self):
        assert measures.expected_maximum([1000.0, -np.inf]) == pytest.approx(1000 + np.euler_gamma)

    def test_surplus_of_both_sides(self):
        assert measures.consumer_surplus([4.0, 2.0], [1.0, 1.0], 2.0, 0.5, [2, 0]) == pytest.approx((0.5 + 0.0) / 2)
        assert measures.producer_surplus([[30.0, -10.0], [5.0, 0.0]], 10).tolist() == [2.0, 0.5]

    def test_information(self):
        assert measures.belief_error([1.0, 3.0], [0.0, 3.0]) == 0.5
        assert math.isnan(measures.belief_error([], []))
        assert measures.homework_share([1.0, 0.0, 0.0], [2.0, 1.0, 0.0]) == 0.25
        assert math.isnan(measures.homework_share([0.0], [0.0]))
        assert measures.satisfaction([1.0], [3.0]).tolist() == [-2.0]


class TestReplications:
    def test_student_interval(self):
        sample = np.array([0.21, 0.25, 0.19, 0.24, 0.3])
        got = measures.mean_interval(sample)
        low, high = stats.t.interval(0.95, 4, sample.mean(), stats.sem(sample))
        assert got.mean == pytest.approx(sample.mean())
        assert (got.low, got.high) == pytest.approx((low, high))
        assert (got.replications, got.censored) == (5, 0)

    def test_one_replication_has_no_interval(self):
        got = measures.mean_interval([0.4])
        assert got.mean == 0.4
        assert math.isnan(got.low)
        assert math.isnan(got.high)

    def test_undefined_replications_are_counted_out(self):
        assert measures.mean_interval([0.4, math.nan, 0.6]) == measures.mean_interval([0.4, 0.6])
        assert measures.mean_interval([math.nan]).replications == 0
        assert math.isnan(measures.mean_interval([]).mean)

    def test_a_censored_duration_has_no_mean(self):
        with pytest.raises(ValueError, match="median_interval"):
            measures.mean_interval([3.0, math.inf])

    def test_bands_along_a_path(self):
        paths = np.array([[0.1, 0.2, np.nan], [0.3, 0.2, np.nan], [0.2, 0.2, 0.5]])
        mean, low, high = measures.t_interval(paths)
        assert mean == pytest.approx([0.2, 0.2, 0.5])
        first = measures.mean_interval(paths[:, 0])
        assert (low[0], high[0]) == pytest.approx((first.low, first.high))
        assert high[1] - low[1] == pytest.approx(0)
        assert np.isnan(low[2])

    def test_median_of_durations(self):
        got = measures.median_interval([93, 87, 95, 91, 99, 94, 90, math.inf, 92, 96])
        assert (got.mean, got.replications, got.censored) == (93, 10, 1)
        # the ranks 2 and 9 of 10 cover 1 - 2 * 11 / 1024 = .979; 3 and 8 only .891
        assert (got.low, got.high) == (90, 99)

    def test_half_must_have_ended_for_a_median(self):
        assert measures.median_interval([5, 6, math.inf, math.inf]).mean == 6
        got = measures.median_interval([5, math.inf, math.inf])
        assert (got.mean, got.replications, got.censored) == (math.inf, 3, 2)

    def test_a_known_median_may_have_an_open_interval(self):
        got = measures.median_interval([10, 11, 12, 13, 14, 15, math.inf, math.inf, math.inf, math.inf])
        assert got.mean == 14
        assert got.low == 11
        assert got.high == math.inf

    def test_few_replications_have_no_interval_of_the_median(self):
        assert math.isnan(measures.median_interval([1, 2, 3, 4, 5]).low)
        assert measures.median_interval([1, 2, 3, 4, 5, 6])[:3] == (3, 1, 6)

    def test_no_durations(self):
        assert measures.median_interval([math.nan]).replications == 0

    @pytest.mark.parametrize("count", [6, 9, 20, 37])
    def test_the_interval_of_the_median_covers_as_promised(self, count):
        generator = np.random.default_rng(7)
        inside = 0
        for _ in range(2000):
            sample = generator.exponential(size=count)
            _, low, high, *_ = measures.median_interval(np.where(sample > 1.2, math.inf, sample))
            inside += low <= math.log(2) <= high
        assert inside / 2000 >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / 2000)

    def test_a_proportion_keeps_its_doubt_when_all_agree(self):
        got = measures.proportion_interval(np.ones(32))
        assert got.mean == got.high == 1.0
        assert got.low == pytest.approx(0.8928, abs=1e-4)
        low, high = stats.binomtest(5, 20).proportion_ci(method="wilson")
        assert measures.proportion_interval([1] * 5 + [0] * 15)[:3] == pytest.approx((0.25, low, high))
        assert measures.proportion_interval([]).replications == 0

    @given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=60))
    def test_a_proportion_lies_within_its_interval_within_0_and_1(self, values):
        got = measures.proportion_interval(values)
        assert 0 <= got.low <= got.mean <= got.high <= 1
