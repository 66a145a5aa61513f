"""A simulated day: nothing is lost, nobody gets more than there is, and what is known beforehand comes out."""

from __future__ import annotations

import math

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli import portevoix
from gateway.planning.costs import SHIPPED, ArrivalKind, Cost, Costs, CostsUnusable, read_measured_costs
from gateway.planning.day_simulation import BY_HOUR, DAY, STEP, Appeal, Machines, arrivals, fair_shares, simulate
from gateway.planning.installation_plans import Size, plan_installation, read_plans

COSTS = Costs(
    "a machine that is easily reckoned with",
    {
        ArrivalKind.TEXT: Cost(door=0.001, work=0.01, bytes=1000),
        ArrivalKind.RECORDING: Cost(door=0.01, work=10, bytes=100_000),
        ArrivalKind.MAIL: Cost(door=0, work=0.1, bytes=5000),
        ArrivalKind.PAGE: Cost(door=0, work=4, bytes=500_000),
    },
)
COUNTS = st.dictionaries(st.sampled_from(ArrivalKind), st.integers(0, 20_000))


@pytest.mark.parametrize("appeal", [None, Appeal(20 * 3600, 0.5), Appeal(DAY - STEP, 1.0), Appeal(0, 0.0)])
def test_what_is_said_to_arrive_arrives(appeal: Appeal | None) -> None:
    steps = arrivals(12_345, appeal)
    assert len(steps) == DAY // STEP
    assert sum(steps) == pytest.approx(12_345)


def test_an_appeal_is_answered_after_it() -> None:
    steps = arrivals(1000, Appeal(20 * 3600, 0.5))
    before, after = steps[20 * 360 - 1], steps[20 * 360]
    assert after > 20 * before
    assert before == pytest.approx(500 * BY_HOUR[19] / sum(BY_HOUR) / 360)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(0, 10**5), st.integers(0, 10**6))
def test_shares_are_fair(wanted: list[int], most: int, there: int) -> None:
    got = fair_shares(wanted, [most] * len(wanted), there)
    assert sum(got) <= there * (1 + 1e-9)
    assert all(one <= min(want, most) * (1 + 1e-9) for one, want in zip(got, wanted, strict=True))
    short = [one for one, want in zip(got, wanted, strict=True) if one < min(want, most) * (1 - 1e-9)]
    # Whoever got less than it could use got no less than anybody else.
    assert all(one >= max(got) * (1 - 1e-9) for one in short)


def test_a_pool_works_on_one_core_of_each_host() -> None:
    """1,000 recordings of 10 s work take one core 10,000 s, however many cores stand beside it."""
    alone = {ArrivalKind.RECORDING: 1000}
    at_eight = Appeal(20 * 3600, 1.0)
    few, many = simulate(alone, COSTS, Machines(1, 2), at_eight), simulate(alone, COSTS, Machines(1, 64), at_eight)
    pool = few.breaks_first
    # Two thirds have come after a quarter of an hour, while 900 s of their 6,700 s are done.
    assert 5_500 < pool.longest_wait < 10_000
    assert many.breaks_first.longest_wait == few.breaks_first.longest_wait
    assert simulate(alone, COSTS, Machines(2, 2), at_eight).breaks_first.longest_wait < pool.longest_wait * 0.6


def test_two_pools_on_one_core_each_take_twice_as_long() -> None:
    counts = {ArrivalKind.RECORDING: 1000, ArrivalKind.PAGE: 20_000}
    alone = simulate({ArrivalKind.PAGE: 20_000}, COSTS, Machines(1, 1)).breaks_first
    beside = simulate(counts, COSTS, Machines(1, 1)).breaks_first
    assert beside.kind is ArrivalKind.PAGE
    assert beside.done_at > alone.done_at + 0.9 * 1000 * 10


def test_a_quiet_day_waits_for_nothing() -> None:
    day = simulate(dict.fromkeys(ArrivalKind, 10), COSTS, Machines(1, 2))
    assert day.door_wait == 0
    assert all(pool.longest_wait <= COSTS.of[pool.kind].work + STEP for pool in day.pools)
    assert day.bytes == 10 * (1000 + 100_000 + 5000 + 500_000)


def test_a_day_that_never_ends_is_said_to() -> None:
    day = simulate({ArrivalKind.PAGE: 10_000_000}, COSTS, Machines(1, 2))
    assert math.isinf(day.breaks_first.done_at)


@settings(max_examples=8)
@given(COUNTS, st.integers(1, 8), st.integers(1, 16))
def test_more_machines_never_wait_longer(counts: dict[ArrivalKind, int], hosts: int, cores: int) -> None:
    few, many = simulate(counts, COSTS, Machines(hosts, cores)), simulate(counts, COSTS, Machines(hosts + 1, cores))
    assert many.breaks_first.longest_wait <= few.breaks_first.longest_wait + STEP
    assert 0 <= few.busy <= 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", r"no table \[text\]"),
        ("[text]\nwork = 1", "costs.toml: door"),
        ("[text]\ndoor = 0\nwork = 0\nbytes = 1", "work"),
        ("[text]\ndoor = 0\nwork = 1\nbytes = 1\nbites = 2", "bites"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_table_that_is_none(tmp_path, text: str, why: str) -> None:
    file = tmp_path / "costs.toml"
    file.write_text(text)
    with pytest.raises(CostsUnusable, match=why):
        read_measured_costs(file)


def test_the_command(tmp_path) -> None:
    town = tmp_path / "portevoix.toml"
    town.write_text("")
    told = CliRunner().invoke(
        portevoix, ["--settings", str(town), "plan", "--texts", "100000", "--pages", "300000", "--appeal", "30"]
    )
    assert told.exit_code == 0, told.output
    assert "100000" in told.output
    assert "First to wait" in told.output


def test_more_readers_read_more() -> None:
    """1,000 recordings of 10 s, after eight: four processes of a host take a quarter of the time of one."""
    alone, at_eight = {ArrivalKind.RECORDING: 4000}, Appeal(20 * 3600, 1.0)
    one = simulate(alone, COSTS, Machines(1, 8), at_eight).breaks_first.longest_wait
    four = simulate(alone, COSTS, Machines(1, 8, readers=4), at_eight).breaks_first.longest_wait
    assert four < one * 0.3
    pages = {ArrivalKind.PAGE: 20_000, ArrivalKind.TEXT: 100}
    assert simulate(pages, COSTS, Machines(1, 2, readers=64)).busy <= 1


@pytest.mark.parametrize("size", [Size.TOWN, Size.METROPOLIS])
def test_a_plan_is_the_least_that_holds(size: Size) -> None:
    plans, costs = read_plans(), read_measured_costs()
    plan = plan_installation(plans, size, costs)
    assert all(pool.longest_wait <= plans.longest_wait[pool.kind] for pool in plan.day.pools)
    assert plan.hosts >= plans.of(size).hosts_least


def test_slower_machines_are_more() -> None:
    plans, costs = read_plans(), read_measured_costs()
    slower = {kind: cost.model_copy(update={"work": cost.work * 3}) for kind, cost in costs.of.items()}
    plan, harder = (plan_installation(plans, Size.COUNTRY, one) for one in (costs, Costs("three times slower", slower)))
    assert harder.hosts > plan.hosts
    assert harder.core_hours > 2 * plan.core_hours


def test_the_tables_follow_the_costs(tmp_path) -> None:
    town, measured = tmp_path / "portevoix.toml", tmp_path / "costs.toml"
    town.write_text("")
    measured.write_text(SHIPPED.read_text().replace("beside other work", "beside nothing").replace("0.1046", "1.046"))
    told = CliRunner().invoke(portevoix, ["--settings", str(town), "plan", "--tables", "--costs", str(measured)])
    assert told.exit_code == 0, told.output
    assert "beside nothing" in told.output
    assert "| a town | a metropolis | a country |" in told.output
