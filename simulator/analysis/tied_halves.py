"""How often the scores of drawn animals sum to at most a bound: the engine of the tied null.

Given the ties, all C(N, size) draws of the smaller arm from the pooled sample are equally likely
(Streitberg & Roehmel 1986). The pooled sample is cut in two between tie groups; for each half
the shift algorithm counts its draws by number drawn and sum of scores, and the halves meet in
one running sum. That takes the fourth power of N/2 twice instead of that of N once. All terms
are counts and none is negative: below 2^53 they are exact, and nothing ever cancels.
"""

from __future__ import annotations

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.compiled import kernel

#: Where `lay_out` keeps what belongs to no animal: groups, animals, step of the scores, lowest
#: doubled midrank, groups and animals of the lower half, first animal's place in `sums`.
GROUPS, ANIMALS, STEP, BASE, CUT, LOWER, SUMS, COUNTS, SCORES, ROWS = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
HEAD = 10


@kernel
def binomial(n: int, k: int) -> float:
    """Return the number of ways to choose k of n; exact below 2^53, finite while n <= 1000."""
    k = min(k, n - k)
    ways = 1.0
    for i in range(k):
        ways = ways * (n - i) / (i + 1)
    return ways


@kernel
def lay_out(tie_counts: Ints, size: int, mirrored: bool) -> Ints:
    """Return the scores of the pooled sample, and where each half's table keeps its rows.

    Scores are doubled midranks, less the lowest, in units of their greatest common divisor
    (without ties every second sum is empty). The table of a half has one row per number drawn,
    from the smallest sum on.

    Parameters
    ----------
    tie_counts : how often each distinct value occurs, ascending; zeros are skipped.
    size : animals drawn, at most half of them all.
    mirrored : turn the order of values around.
    """
    total = 0
    groups = 0
    for t in tie_counts:
        total += t
        groups += 1 if t > 0 else 0
    plan = np.empty(HEAD + 2 * groups + (total + 1) + 2 * (size + 2), dtype=np.int64)
    counts, scores, sums = HEAD, HEAD + groups, HEAD + 2 * groups
    rows = sums + total + 1
    step = seen = g = 0
    before = 0
    cut = lower = 0
    for i in range(tie_counts.size):
        t = tie_counts[tie_counts.size - 1 - i] if mirrored else tie_counts[i]
        if t == 0:
            continue
        if g > 0:
            left, right = step, before + t
            while right and left != 1:
                left, right = right, left % right
            step = left
            # cut nearest to the middle, and never after the last group
            if cut == 0 or abs(2 * seen - total) < abs(2 * lower - total):
                cut, lower = g, seen
        plan[counts + g] = t
        plan[scores + g] = 2 * seen + t
        before = t
        seen += t
        g += 1
    first = plan[scores]
    place = sums
    running = 0
    plan[place] = 0
    for g in range(groups):
        score = (plan[scores + g] - first) // step
        plan[scores + g] = score
        for _ in range(plan[counts + g]):
            running += score
            place += 1
            plan[place] = running
    used = 0
    for half in range(2):
        start, end = (0, lower) if half == 0 else (lower, total)
        table = rows + half * (size + 2)
        for drawn in range(size + 1):
            plan[table + drawn] = used
            if drawn <= end - start:
                used += _width(plan, sums, start, end, drawn)
        plan[table + size + 1] = used
    plan[GROUPS], plan[ANIMALS], plan[STEP], plan[BASE] = groups, total, step, first + 1
    plan[CUT], plan[LOWER], plan[SUMS], plan[COUNTS] = cut, lower, sums, counts
    plan[SCORES], plan[ROWS] = scores, rows
    return plan


@kernel
def _width(plan: Ints, sums: int, start: int, end: int, drawn: int) -> int:
    # sums that `drawn` of the animals start..end can have: from the lowest ones to the highest
    lowest = plan[sums + start + drawn] - plan[sums + start]
    return int(plan[sums + end] - plan[sums + end - drawn] - lowest + 1)


@kernel
def count_halves(plan: Ints, size: int, bound: int) -> Floats:
    """Return both tables of counts, complete for what can belong to a sum of at most ``bound``."""
    rows = plan[ROWS]
    cells = np.zeros(plan[rows + 2 * size + 3])
    ways = np.empty(plan[ANIMALS] + 1)
    _count_half(plan, size, bound, 0, cells, ways)
    _count_half(plan, size, bound, 1, cells, ways)
    return cells


@kernel
def _count_half(plan: Ints, size: int, bound: int, half: int, cells: Floats, ways: Floats) -> None:
    total, sums = plan[ANIMALS], plan[SUMS]
    if half == 0:
        first_group, last_group, start, end = 0, plan[CUT], 0, plan[LOWER]
    else:
        first_group, last_group, start, end = plan[CUT], plan[GROUPS], plan[LOWER], total
    rows = plan[ROWS] + half * (size + 2)
    fewest = max(0, size - (total - (end - start)))
    cells[plan[rows]] = 1.0
    seen = 0
    for g in range(first_group, last_group):
        t = plan[plan[COUNTS] + g]
        score = plan[plan[SCORES] + g]
        weight = 1.0
        for k in range(1, t + 1):
            weight = weight * (t - k + 1) / k
            ways[k] = weight
        after = seen + t
        left = end - start - after
        for drawn in range(min(size, after), max(1, fewest - left) - 1, -1):
            lowest = plan[sums + start + drawn]
            # the others are drawn elsewhere: what lies beyond the bound even with the lowest
            # of them is not needed, now or later
            rest = start + after if half == 0 else 0
            others = plan[sums + rest + size - drawn] - plan[sums + rest]
            room = bound - others - (lowest - plan[sums + start]) + 1
            if room <= 0:
                continue
            into = plan[rows + drawn]
            for k in range(max(1, drawn - seen), min(t, drawn) + 1):
                source = drawn - k
                shift = plan[sums + start + source] + k * score - lowest
                width = min(_width(plan, sums, start, start + seen, source), room - shift)
                if width <= 0:
                    continue
                out = plan[rows + source]
                here = cells[out : out + width]
                there = cells[into + shift : into + shift + width]
                weight = ways[k]
                for s in range(width):
                    there[s] += weight * here[s]
        seen = after


@kernel
def _sum(values: Floats, count: int) -> float:
    # of the first ones; four sums side by side, as one would wait for its last addition
    first = second = third = fourth = 0.0
    whole = count - count % 4
    for x in range(0, whole, 4):
        first += values[x]
        second += values[x + 1]
        third += values[x + 2]
        fourth += values[x + 3]
    for x in range(whole, count):
        first += values[x]
    return (first + second) + (third + fourth)


@kernel
def draws_below(plan: Ints, cells: Floats, size: int, bound: int) -> float:
    """Return how many draws have a sum of scores of at most ``bound``.

    ``bound`` must not exceed that of `count_halves`.
    """
    total, lower, sums, rows = plan[ANIMALS], plan[LOWER], plan[SUMS], plan[ROWS]
    upper = total - lower
    found = more = third = fourth = 0.0
    for drawn in range(max(0, size - upper), min(size, lower) + 1):
        other = size - drawn
        lowest = plan[sums + drawn] + plan[sums + lower + other] - plan[sums + lower]
        room = bound - lowest
        if room < 0:
            continue
        wide = _width(plan, sums, 0, lower, drawn)
        high = _width(plan, sums, lower, total, other)
        a, b = plan[rows + drawn], plan[rows + size + 2 + other]
        left = cells[a : a + wide]
        right = cells[b : b + high]
        top = min(room, wide - 1)
        # one less than may be: the loop adds the last
        running = _sum(right, min(room - top, high))
        stop = max(0, room - high + 1)
        x = top
        while x - 3 >= stop:  # four at a time: the running sum is one addition of four
            y = room - x
            second = right[y] + right[y + 1]
            pair = right[y + 2] + right[y + 3]
            found += (running + right[y]) * left[x]
            more += (running + second) * left[x - 1]
            third += (running + (second + right[y + 2])) * left[x - 2]
            running += second + pair
            fourth += running * left[x - 3]
            x -= 4
        while x >= stop:
            running += right[room - x]
            found += running * left[x]
            x -= 1
        found += running * _sum(left, min(stop, wide))
    return (found + more) + (third + fourth)
