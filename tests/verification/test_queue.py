"""The line in front of the technicians, against queueing theory that owes nothing to the program.

Customers arrive one by one, are served first come first served, and nobody goes home: textbook
queues, served by the code that serves the animals (`simulator.trial.laboratory.staff`).
"""

import math

import numpy as np
import pytest

from simulator.trial.laboratory.staff import serve

#: A time is a whole number of steps of 2^-30 minute: what is rounded is off by half of one.
HALF_STEP = 2.0**-31


@pytest.mark.parametrize(("every", "takes"), [(10.0, 7.0), (10.0, 10.0), (10.0, 12.5)])
def test_d_d_1(every, takes):
    """Regular arrivals: nobody waits while takes <= every, else the k-th k (takes - every)."""
    customers = np.arange(200)
    begun = serve(customers * every, np.full(200, takes), technicians=1)
    waited = np.array(begun) - customers * every
    assert waited.tolist() == (customers * max(0.0, takes - every)).tolist()


@pytest.mark.parametrize("technicians", [2, 3])
def test_d_d_c_with_all_there_at_once(technicians):
    """All P places are there when the shift opens: the k-th waits floor(k / c) services."""
    begun = serve(np.zeros(50), np.full(50, 4), technicians=technicians)
    expected = np.arange(50) // technicians * 4
    assert begun == expected.tolist()


def waits(seed: int, *, load: float, customers: int, technicians: int = 1) -> np.ndarray:
    """Return what Poisson arrivals with constant service wait, in units of a service."""
    takes = 10
    gaps = np.random.default_rng(seed).exponential(takes / load / technicians, customers)
    arrivals = np.cumsum(gaps)
    begun = serve(arrivals, np.full(customers, takes), technicians=technicians)
    return (np.array(begun) - arrivals) / takes


def batch_means(values: np.ndarray, *, batches: int) -> tuple[float, float]:
    """Return the mean of a stationary series and its standard error."""
    means = values.reshape(batches, -1).mean(axis=1)
    return float(means.mean()), float(means.std(ddof=1) / math.sqrt(batches))


BATCHES, SIZE = 60, 1000
#: Waits are correlated over about 1 / (1 - load)^2 customers, 16 at a load of 0.75: batches of
#: 1000 are as good as independent, and Student's t with 59 degrees of freedom applies. Beyond
#: 4.5 standard errors a correct program falls once in 30,000 checks (two-sided).
K = 4.5


@pytest.mark.parametrize("load", [0.3, 0.6, 0.75])
def test_m_d_1_waits_as_the_textbook_says(load):
    """Pollaczek-Khinchine with constant service: mean wait load / (2 mu (1 - load)).

    Source: any book on queues, e.g. L. Kleinrock, Queueing Systems I (1975), section 5.6.
    """
    seen = waits(20261123, load=load, customers=SIZE * (BATCHES + 1))[SIZE:]  # warmed up
    mean, error = batch_means(seen, batches=BATCHES)
    expected = load / (2 * (1 - load))
    assert error < 0.05 * expected  # the check is not empty
    assert abs(mean - expected) < K * error


@pytest.mark.parametrize("load", [0.3, 0.6])
def test_m_d_1_finds_the_technician_free(load):
    """The share that waits for nothing is 1 - load in every queue with one server."""
    seen = waits(7, load=load, customers=SIZE * (BATCHES + 1))[SIZE:]
    # a wait of less than the rounding of a few hundred services is none
    mean, error = batch_means((seen < 1e-6).astype(np.float64), batches=BATCHES)
    assert abs(mean - (1 - load)) < K * error


def m_d_c_mean_wait(load: float, servers: int) -> float:
    """Return the mean wait of M/D/c in units of a service, by the chain seen every service.

    With constant service s everybody in service at t has left at t + s, and nobody else has:
    ``N(t + s) = max(N(t) - c, 0) + Poisson(c load)``. Its stationary law gives the mean length
    of the line, and Little's law the mean wait. Source: C. D. Crommelin, Post Office Electrical
    Engineers' Journal 25 (1932).
    """
    top = 200  # far beyond what is ever there at these loads
    rate = servers * load
    arrivals = np.exp([k * math.log(rate) - rate - math.lgamma(k + 1) for k in range(top + 1)])
    law = np.full(top + 1, 1.0 / (top + 1))
    for _ in range(2000):
        staying = np.zeros(top + 1)
        staying[0] = law[: servers + 1].sum()
        staying[1 : top + 1 - servers] = law[servers + 1 :]
        law = np.convolve(staying, arrivals)[: top + 1]
        law /= law.sum()
    line = (np.maximum(np.arange(top + 1) - servers, 0) * law).sum()
    return float(line / rate)


def test_the_chain_of_m_d_c_knows_m_d_1():
    assert m_d_c_mean_wait(0.6, 1) == pytest.approx(0.6 / (2 * 0.4), rel=1e-9)


@pytest.mark.parametrize("technicians", [2, 3])
def test_m_d_c_waits_as_crommelin_says(technicians):
    load = 0.75
    customers = SIZE * (BATCHES + 1)
    seen = waits(11, load=load, customers=customers, technicians=technicians)[SIZE:]
    mean, error = batch_means(seen, batches=BATCHES)
    assert abs(mean - m_d_c_mean_wait(load, technicians)) < K * error


@pytest.mark.parametrize("technicians", [1, 2, 4])
def test_every_wait_follows_from_the_one_before(technicians):
    """Kiefer and Wolfowitz: the sorted workload of the servers, customer by customer."""
    rng = np.random.default_rng(5)
    gaps = rng.exponential(10.0 / technicians, 2000)
    takes = rng.gamma(2.0, 4.0, 2000)
    arrivals = np.cumsum(gaps)
    begun = serve(arrivals, takes, technicians=technicians)
    load, before = np.zeros(technicians), 0.0
    for k, (arrival, service) in enumerate(zip(arrivals, takes, strict=True)):
        load = np.maximum(load - (arrival - before), 0.0)
        assert begun[k] - arrival == pytest.approx(load[0], abs=2 * 2000 * HALF_STEP)
        load[0] += service
        load.sort()
        before = arrival
