"""What the lab is expected to read: plaques, titer wells, phagocytosis.

Written from design section 4 ("Assays"), with these points settled where the
design is silent: `plated` is the fraction of the spleen on EACH plate; with
lambda true plaques on a plate the mean number seen is lambda/(1+lambda/K);
reader error is log-normal with median 1 and sd_ln = sqrt(ln(1+cv^2)); AFC per
spleen = total plaques / (plates*plated). Counts are not rounded again here.
"""

import math

INF = math.inf


# --- plaques ---------------------------------------------------------------


def mean_seen(*, true_plaques, capacity=INF):
    """Return the mean plaques seen on a plate: lambda / (1 + lambda/K)."""
    return true_plaques / (1.0 + true_plaques / capacity)


def mean_seen_if_each_count_crowds(*, true_plaques, capacity=INF):
    """Return E[N/(1+N/K)] for N Poisson: the other reading of the crowding rule.

    Differs from `mean_seen` by about one part in K; here so that a comparison
    can tell the two readings apart.
    """
    if true_plaques == 0:
        return 0.0
    reach = 12.0 * math.sqrt(true_plaques) + 30.0
    first, last = max(0, int(true_plaques - reach)), int(true_plaques + reach)
    total = 0.0
    for n in range(first, last + 1):
        log_p = n * math.log(true_plaques) - true_plaques - math.lgamma(n + 1)
        total += math.exp(log_p) * n / (1.0 + n / capacity)
    return total


def reader_sd_ln(*, cv):
    """Return sd_ln = sqrt(ln(1+cv^2)) of a log-normal reader error."""
    return math.sqrt(math.log(1.0 + cv * cv))


def reader_mean_factor(*, cv):
    """Return the mean of the reader error: exp(sd_ln^2/2) = sqrt(1+cv^2)."""
    return math.exp(0.5 * reader_sd_ln(cv=cv) ** 2)


def mean_afc_reading(*, afc, plates, plated, capacity=INF, reader_cv=0.0):
    """Return the expected AFC per spleen read from one spleen of known AFC."""
    seen = plates * mean_seen(true_plaques=afc * plated, capacity=capacity)
    return seen * reader_mean_factor(cv=reader_cv) / (plates * plated)


def variance_afc_reading(
    *, afc, plates, plated, capacity=INF, reader_cv=0.0, one_error_per_spleen=False
):
    """Return the variance of that reading: Poisson plates times reader error.

    The design does not say whether the reader errs once per plate (default
    here) or once per spleen; both are given.
    """
    mu = mean_seen(true_plaques=afc * plated, capacity=capacity)
    first = reader_mean_factor(cv=reader_cv)
    second = first**2 * (1.0 + reader_cv**2)  # E[L^2] of a log-normal
    if one_error_per_spleen:
        total = plates * mu
        variance = (total + total**2) * second - (total * first) ** 2
    else:
        variance = plates * ((mu + mu**2) * second - (mu * first) ** 2)
    return variance / (plates * plated) ** 2


def mean_afc_over_animals(
    *, median_afc, sd_ln, plates, plated, capacity=INF, reader_cv=0.0, points=2000
):
    """Return the expected reading over log-normal animals (Simpson's rule)."""

    def at(z):
        return mean_afc_reading(
            afc=median_afc * math.exp(sd_ln * z),
            plates=plates,
            plated=plated,
            capacity=capacity,
            reader_cv=reader_cv,
        ) * math.exp(-0.5 * z * z)

    low, high = -10.0, 10.0
    h = (high - low) / points  # points is even
    total = at(low) + at(high)
    total += sum((4 if k % 2 else 2) * at(low + k * h) for k in range(1, points))
    return total * h / 3.0 / math.sqrt(2.0 * math.pi)


# --- titer wells -----------------------------------------------------------


def normal_cdf(x):
    """Return the standard normal distribution function, by erfc."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def titer_readings(*, mean_log2, sd_log2, first_dilution, wells, misread=0.0):
    """Return the exact distribution of one reading as a list of dicts.

    Dilution j = 0 .. wells-1 is first*2^j and agglutinates when <= the true
    titer. Index -1 is "no well": censored below, recorded as first/2. Index
    wells-1 is "every well": censored above, recorded as the last dilution. A
    misread moves the index one up or one down, each w.p. `misread`, clipped.
    """
    if wells < 1 or not 0.0 <= misread <= 0.5:
        raise ValueError("needs a well and a misread probability in [0, 0.5]")
    base = math.log2(first_dilution)

    def below(level):
        """P(log2 true titer < level); a titer equal to a dilution reaches it."""
        if sd_log2 == 0:
            return 1.0 if mean_log2 < level else 0.0
        return normal_cdf((level - mean_log2) / sd_log2)

    size = wells + 1  # index -1 .. wells-1, kept here at position 0 .. wells
    edges = [0.0] + [below(base + j) for j in range(wells)] + [1.0]
    true = [edges[k + 1] - edges[k] for k in range(size)]
    read = [0.0] * size
    for k, p in enumerate(true):
        read[k] += p * (1.0 - 2.0 * misread)
        read[min(k + 1, size - 1)] += p * misread
        read[max(k - 1, 0)] += p * misread
    return [
        {
            "index": k - 1,
            "log2": base + k - 1,
            "titer": first_dilution * 2.0 ** (k - 1),
            "censored": "below" if k == 0 else "above" if k == size - 1 else "",
            "probability": read[k],
        }
        for k in range(size)
    ]


def mean_log2_titer(**setting):
    """Return the mean log2 recorded reading; arguments of `titer_readings`."""
    return sum(row["log2"] * row["probability"] for row in titer_readings(**setting))


def variance_log2_titer(**setting):
    """Return the variance of the log2 recorded reading."""
    centre = mean_log2_titer(**setting)
    return sum(
        (row["log2"] - centre) ** 2 * row["probability"] for row in titer_readings(**setting)
    )


# --- phagocytosis ----------------------------------------------------------


def beta_shape(*, mean=0.55, sd=0.08):
    """Return (a, b) of the Beta with that mean and sd, as proportions."""
    total = mean * (1.0 - mean) / sd**2 - 1.0
    if total <= 0:
        raise ValueError("sd too large for a beta distribution")
    return mean * total, (1.0 - mean) * total


def phagocytic_percentage_mean_variance(*, cells, mean=0.55, sd=0.08):
    """Return (mean, variance) in percent (percent^2) of 100*X/cells, X beta-binomial."""
    within = (mean * (1.0 - mean) - sd**2) / cells
    return 100.0 * mean, 1e4 * (sd**2 + within)


def phagocytic_percentage_probability(*, positive, cells, mean=0.55, sd=0.08):
    """Return P(X = positive) of the beta-binomial."""
    a, b = beta_shape(mean=mean, sd=sd)

    def log_beta(x, y):
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    ways = math.log(math.comb(cells, positive))
    return math.exp(ways + log_beta(positive + a, cells - positive + b) - log_beta(a, b))


def phagocytic_number_mean_variance(*, cells, latent_mean=5.0, latent_sd=1.0):
    """Return (mean, variance) of Poisson(latent*cells)/cells over animals.

    Holds for any latent distribution with this mean and sd; for one animal of
    known latent number pass latent_sd=0.
    """
    return latent_mean, latent_sd**2 + latent_mean / cells
