"""Rates and the queue's bound, with clocks of the test's own."""

from __future__ import annotations

import pytest

from models.errors import InvalidInput, TooMany, Unavailable
from service.limits import Allowance, IntakeQueue, Limits, Rate, parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [("600/minute", Rate(600, 60)), ("1/second", Rate(1, 1)), ("5/hour", Rate(5, 3_600))],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


def test_off_is_no_rate() -> None:
    assert parse_rate("off") is None


@pytest.mark.parametrize("text", ["", "0/minute", "-1/minute", "1.5/minute", "9/day", "many"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_rate(text)
    assert caught.value.code == "bad_rate"


def test_all_may_come_at_once_and_then_evenly() -> None:
    allowance = Allowance(Rate(6, 60))
    assert [allowance.take("a", 100.0) for _ in range(6)] == [0.0] * 6
    assert allowance.take("a", 100.0) == pytest.approx(10, abs=0.01)
    assert allowance.take("a", 109.0) == pytest.approx(1, abs=0.01)
    assert allowance.take("a", 110.0) == 0.0
    assert allowance.take("a", 110.0) > 0


def test_callers_do_not_take_from_each_other() -> None:
    allowance = Allowance(Rate(1, 60))
    assert allowance.take("a", 0.0) == 0.0
    assert allowance.take("b", 0.0) == 0.0
    assert allowance.take("a", 0.0) > 0


def test_a_refused_call_costs_nothing() -> None:
    allowance = Allowance(Rate(1, 60))
    allowance.take("a", 0.0)
    for second in range(1, 59):
        assert allowance.take("a", float(second)) > 0
    assert allowance.take("a", 60.0) == 0.0


def test_asking_to_wait_takes_nothing() -> None:
    allowance = Allowance(Rate(1, 60))
    assert [allowance.wait("a", 0.0) for _ in range(5)] == [0.0] * 5
    allowance.take("a", 0.0)
    assert allowance.wait("a", 30.0) == pytest.approx(30, abs=0.01)


def test_a_clock_set_back_shuts_out_for_one_window_at_most() -> None:
    allowance = Allowance(Rate(2, 60))
    allowance.take("a", 1_000_000.0)
    assert allowance.take("a", 0.0) <= 60


def test_what_is_remembered_of_callers_has_an_end() -> None:
    allowance = Allowance(Rate(1, 60), most_callers=3)
    for caller in range(100):
        assert allowance.take(caller, 0.0) == 0.0
    assert allowance.take(99, 0.0) > 0
    assert allowance.take(0, 0.0) == 0.0


def test_without_a_rate_anybody_may_ask() -> None:
    allowance = Allowance(None)
    assert [allowance.take("a", 0.0) for _ in range(1_000)] == [0.0] * 1_000


def test_a_key_over_its_rate_is_told_when_to_return() -> None:
    queue = IntakeQueue(lambda: 0, 1)
    limits = Limits(requests=Rate(1, 60), wrong_keys=None, logins=None, queue=queue)
    limits.count_request("k", 0.0)
    with pytest.raises(TooMany) as caught:
        limits.count_request("k", 0.5)
    assert (caught.value.code, caught.value.retry_after) == ("rate_limited", 60)


class Waiting:
    """Notes that wait, and how often they were counted."""

    def __init__(self, notes: int) -> None:
        self.notes = notes
        self.counts = 0
        self.now = 0.0

    def queue(self, bound: int) -> IntakeQueue:
        return IntakeQueue(self.count, bound, clock=lambda: self.now)

    def count(self) -> int:
        self.counts += 1
        return self.notes


def entered(queue: IntakeQueue, waiting: Waiting) -> bool:
    try:
        queue.enter()
    except Unavailable as refusal:
        assert refusal.code == "queue_full"
        return False
    waiting.notes += 1
    return True


def test_single_notes_never_pass_the_bound() -> None:
    waiting = Waiting(0)
    queue = waiting.queue(10)
    assert sum(entered(queue, waiting) for _ in range(50)) == 10
    assert waiting.notes == 10


def test_a_full_queue_is_counted_once_a_second_and_then_let_in_again() -> None:
    waiting = Waiting(10)
    queue = waiting.queue(10)
    assert not any(entered(queue, waiting) for _ in range(1_000))
    assert waiting.counts == 1
    waiting.notes = 7
    assert not entered(queue, waiting)
    waiting.now += 1.0
    assert [entered(queue, waiting) for _ in range(4)] == [True, True, True, False]


def test_room_costs_no_count_for_each_note() -> None:
    waiting = Waiting(0)
    queue = waiting.queue(50_000)
    for _ in range(10_000):
        assert entered(queue, waiting)
        waiting.now += 0.003
    assert waiting.counts <= 31


def test_a_store_that_can_not_be_counted_lets_nothing_in() -> None:
    def fail() -> int:
        raise Unavailable("It is down.", code="store_down")

    with pytest.raises(Unavailable) as caught:
        IntakeQueue(fail, 10).enter()
    assert caught.value.code == "store_down"
