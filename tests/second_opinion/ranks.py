"""Rank tests by brute force, and adjusted p-values.

Written from design section 6 (and the smallest-p line of section 3). Exact
p-values list every way the pooled values could have been dealt, ties and all.
Rank sums are of doubled midranks, hence whole numbers, and counts are whole
numbers too: no tolerance is needed anywhere in the exact part.
"""

import math
from collections import Counter
from itertools import combinations


def midranks(values):
    """Return the rank of each value, ties sharing the mean of their ranks."""
    return [rank / 2 for rank in _doubled_midranks(values)]


def _doubled_midranks(values):
    # twice the midrank = (values below)*2 + (values equal) + 1
    return [
        2 * sum(other < value for other in values) + sum(other == value for other in values) + 1
        for value in values
    ]


def u_treated(*, treated, control):
    """Return U: pairs with treated > control, plus half of the tied pairs."""
    wins = sum(t > c for t in treated for c in control)
    ties = sum(t == c for t in treated for c in control)
    return wins + ties / 2


def relative_effect(*, treated, control):
    """Return P(control < treated) + P(control = treated)/2, in the sample."""
    _refuse_empty(treated, control)
    return u_treated(treated=treated, control=control) / (len(treated) * len(control))


def rank_sum_counts(*, treated, control):
    """Count the deals by doubled rank sum of the treated (whole numbers)."""
    _refuse_empty(treated, control)
    doubled = _doubled_midranks([*treated, *control])
    size, whole = len(treated), sum(doubled)
    if size <= len(control):
        return Counter(map(sum, combinations(doubled, size)))
    others = Counter(map(sum, combinations(doubled, len(control))))
    return Counter({whole - total: count for total, count in others.items()})


def exact_p_values(*, treated, control):
    """Return U and the exact p-values given the ties.

    Keys: u, greater (treated tends to be larger), less, far-tail (outcomes at
    least as far from the mean as the observed one), doubling
    (min(1, 2*smaller tail)).
    """
    counts = rank_sum_counts(treated=treated, control=control)
    observed = sum(_doubled_midranks([*treated, *control])[: len(treated)])
    return {
        "u": u_treated(treated=treated, control=control),
        **_tails(counts, observed, treated, control),
    }


def _tails(counts, observed, treated, control):
    size, everyone = len(treated), len(treated) + len(control)
    centre = size * (everyone + 1)  # mean of the doubled rank sum
    deals = math.comb(everyone, size)
    far = abs(observed - centre)
    greater = sum(n for total, n in counts.items() if total >= observed)
    less = sum(n for total, n in counts.items() if total <= observed)
    outer = sum(n for total, n in counts.items() if abs(total - centre) >= far)
    return {
        "greater": greater / deals,
        "less": less / deals,
        "far-tail": outer / deals,
        "doubling": min(1.0, 2 * min(greater, less) / deals),
    }


def exact_two_sided_p(*, treated, control, convention="far-tail"):
    """Return the exact two-sided p under `far-tail` or `doubling`."""
    if convention not in ("far-tail", "doubling"):
        raise ValueError(f"unknown convention {convention}")
    return exact_p_values(treated=treated, control=control)[convention]


def normal_p(*, treated, control, continuity=True, alternative="two-sided"):
    """Return the tie-corrected normal p, with or without continuity correction."""
    _refuse_empty(treated, control)
    m, n = len(treated), len(control)
    everyone = m + n
    tied = Counter([*treated, *control]).values()
    loss = sum(t**3 - t for t in tied) / (everyone * (everyone - 1))
    sd = math.sqrt(m * n / 12 * (everyone + 1 - loss))
    if sd == 0:
        raise ValueError("all values are equal")
    gap = u_treated(treated=treated, control=control) - m * n / 2
    half = 0.5 if continuity else 0.0
    if alternative == "greater":
        return 0.5 * math.erfc((gap - half) / sd / math.sqrt(2))
    if alternative == "less":
        return 0.5 * math.erfc(-(gap + half) / sd / math.sqrt(2))
    return math.erfc(max(0.0, abs(gap) - half) / sd / math.sqrt(2))


def auto_method(*, treated, control):
    """Return "exact" without ties and both n < 50, else "asymptotic"."""
    pooled = [*treated, *control]
    small = len(treated) < 50 and len(control) < 50
    return "exact" if small and len(set(pooled)) == len(pooled) else "asymptotic"


def smallest_p(*, n_treated, n_control, alternative="two-sided"):
    """Return the smallest exact p without ties: 2/C(N,n) two-sided, 1/C(N,n) one-sided."""
    sides = 2 if alternative == "two-sided" else 1
    return min(1.0, sides / math.comb(n_treated + n_control, n_treated))


def smallest_p_given_ties(*, treated, control, convention="far-tail"):
    """Return the smallest exact two-sided p any deal of these values could give."""
    counts = rank_sum_counts(treated=treated, control=control)
    return min(_tails(counts, total, treated, control)[convention] for total in counts)


def adjust(*, p_values, method):
    """Return adjusted p-values: none, bonferroni, holm, hochberg or bh."""
    m = len(p_values)
    if method == "none":
        return list(p_values)
    if method == "bonferroni":
        return [min(1.0, m * p) for p in p_values]
    if method not in ("holm", "hochberg", "bh"):
        raise ValueError(f"unknown method {method}")
    order = sorted(range(m), key=lambda k: p_values[k])  # smallest first
    scaled = []
    for place, k in enumerate(order, start=1):
        times = m / place if method == "bh" else m - place + 1
        scaled.append(times * p_values[k])
    adjusted = [0.0] * m
    for place, k in enumerate(order):
        # step-down looks at all smaller p, step-up at all larger p
        best = max(scaled[: place + 1]) if method == "holm" else min(scaled[place:])
        adjusted[k] = min(1.0, best)
    return adjusted


def jonckheere(*, groups):
    """Return the trend over ordered groups: statistic, mean, variance, z, p_two_sided.

    J sums U over every pair of groups, later over earlier. The variance is
    the no-tie one, [N^2(2N+3) - sum n^2(2n+3)]/72; no continuity correction.
    """
    statistic = sum(
        u_treated(treated=later, control=earlier) for earlier, later in combinations(groups, 2)
    )
    sizes = [len(group) for group in groups]
    everyone = sum(sizes)
    mean = (everyone**2 - sum(n * n for n in sizes)) / 4
    variance = (everyone**2 * (2 * everyone + 3) - sum(n * n * (2 * n + 3) for n in sizes)) / 72
    if variance == 0:
        raise ValueError("a trend needs two groups with values")
    z = (statistic - mean) / math.sqrt(variance)
    return {
        "statistic": statistic,
        "mean": mean,
        "variance": variance,
        "z": z,
        "p_two_sided": math.erfc(abs(z) / math.sqrt(2)),
    }


def _refuse_empty(treated, control):
    if not treated or not control:
        raise ValueError("one group is empty")
    if any(math.isnan(value) for value in [*treated, *control]):
        raise ValueError("a value is not a number")
