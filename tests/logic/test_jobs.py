"""Work that can be stopped."""

import time
from contextvars import copy_context
from threading import Thread, Timer

import pytest

from analytics.errors import Cancelled
from analytics.jobs import Job, checkpoint, current_job

SLOW = "SELECT sum(hash(a.range * b.range)) AS s FROM range(1000000) a, range(1000000) b"


@pytest.fixture
def job():
    job = Job()
    token = current_job.set(job)
    yield job
    current_job.reset(token)


def test_a_running_query_ends_within_a_second_of_being_cancelled(hand, job):
    Timer(0.3, job.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled, match="Stopped"):
        hand.query(SLOW)
    assert time.monotonic() - began < 1.3


def test_cancelling_one_job_leaves_anothers_query_alone(hand, job):
    answers = []

    def other() -> None:
        current_job.set(Job())
        answers.append(hand.query("SELECT count(*) AS n FROM range(30000000) WHERE hash(range) % 2 = 0"))

    beside = Thread(target=copy_context().run, args=(other,))
    beside.start()
    Timer(0.05, job.cancel).start()
    with pytest.raises(Cancelled):
        hand.query(SLOW)
    beside.join()
    assert answers[0].num_rows == 1


def test_a_cancelled_job_begins_nothing_more(hand, job):
    job.cancel()
    with pytest.raises(Cancelled):
        hand.query("SELECT 1")
    with pytest.raises(Cancelled):
        checkpoint()


def test_without_a_job_nothing_stops(hand):
    checkpoint()
    assert hand.query("SELECT 1 AS one")["one"].to_pylist() == [1]


def test_a_query_that_is_over_is_forgotten(hand, job):
    hand.query("SELECT 1")
    with pytest.raises(Exception, match="nowhere"):
        hand.query("SELECT * FROM nowhere")
    job.cancel()  # interrupts nothing, and raises nothing
    assert job.cancelled
