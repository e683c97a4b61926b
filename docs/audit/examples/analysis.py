# Mann-Whitney U test of every comparison in the plan, adjusted within each family, and the fold of
# medians with its interval (scipy, statsmodels).
# Run: python analysis.py data.csv result.csv plan.csv

import sys

import numpy as np
import pandas as pd
from scipy.stats import binom, mannwhitneyu
from statsmodels.stats.multitest import multipletests

ADJUST = {"bonferroni": "bonferroni", "holm": "holm", "hochberg": "simes-hochberg", "bh": "fdr_bh"}
NOTHING = {"u": np.nan, "p_value": np.nan, "estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan}


def analyse(data, plan):
    """Return one row per comparison of the plan."""
    if (plan["test"] != "mann_whitney").any() or (plan["unit"] != "animal").any():
        raise ValueError("this script has the Mann-Whitney test of animals only")
    value = pd.to_numeric(data["value"], errors="coerce").to_numpy(float)
    value = np.where(np.isfinite(value), value, np.nan)
    empty = data["value"].isna() | data["value"].astype(str).str.strip().isin(["", "NA", "nan"])
    if wrong := sorted(set(data["value"][np.isnan(value) & ~empty].astype(str))):
        print("not numbers, left out:", ", ".join(wrong), file=sys.stderr)
    # a value outside the range of the assay is lower, or higher, than all that were measured
    ranked = value.copy()
    if "censored" in data:
        ranked[~np.isnan(value) & (data["censored"] == "below")] = -np.inf
        ranked[~np.isnan(value) & (data["censored"] == "above")] = np.inf
    rows = [compare(row, data, value, ranked) for row in plan.to_dict("records")]
    result = pd.concat([plan.reset_index(drop=True), pd.DataFrame(rows)], axis=1)
    result["p_adjusted"] = np.nan
    for _, family in result.groupby("family", sort=False):
        result.loc[family.index, "p_adjusted"] = adjust(family["p_value"], family["adjust"].iloc[0])
    # p is often exactly alpha, but for its last digit
    result["rejected"] = result["p_adjusted"] <= result["alpha"].astype(float) * (1 + 1e-9)
    return result[["family", "endpoint", "treated", "control", *NOTHING, "p_adjusted", "rejected"]]


def compare(row, data, value, ranked):
    """Return what one comparison says."""
    used = (data["endpoint"] == row["endpoint"]).to_numpy() & ~np.isnan(value)
    treated = used & (data["arm"] == row["treated"]).to_numpy()
    control = used & (data["arm"] == row["control"]).to_numpy()
    x, y = ranked[treated], ranked[control]
    distinct = len(np.unique(np.concatenate([x, y])))
    if min(len(x), len(y)) < 2 or distinct < 2:
        return NOTHING
    tied = distinct < len(x) + len(y)
    if row["method"] == "exact" and tied:
        raise ValueError("scipy has no exact p-value with ties; analysis_coin.R has")
    if row["method"] not in ("auto", "exact", "asymptotic"):
        raise ValueError(f"unknown method {row['method']}")
    # scipy's own choice ("auto") is exact only where an arm has at most 8 animals; R's up to 49
    small = max(len(x), len(y)) < 50
    exact = row["method"] == "exact" or (row["method"] == "auto" and small and not tied)
    found = mannwhitneyu(
        x,
        y,
        alternative=row["alternative"],
        method="exact" if exact else "asymptotic",
        use_continuity=str(row["continuity"]).lower() == "true",
    )
    estimate, low, high = fold_of_medians(value[treated], value[control])
    said = (found.statistic, found.pvalue, estimate, low, high)
    return dict(zip(NOTHING, said, strict=True))


def fold_of_medians(treated, control):
    """Return the ratio of medians and its 95 % interval (Zou & Donner 2008, of logarithms)."""
    if np.median(control) <= 0:
        return np.nan, np.nan, np.nan
    (x, x_low, x_high), (y, y_low, y_high) = median_interval(treated), median_interval(control)
    if not min(x_low, y_low) > 0:  # too few animals, or a value that has no logarithm
        return x / y, np.nan, np.nan
    below = np.hypot(np.log(x / x_low), np.log(y_high / y))
    above = np.hypot(np.log(x_high / x), np.log(y / y_low))
    return x / y, x / y * np.exp(-below), x / y * np.exp(above)


def median_interval(values):
    """Return the median and its 95 % interval, from one order statistic to another."""
    n = len(values)
    place = int(binom.ppf(0.025, n, 0.5))
    if place == 0:  # the interval from the least to the largest of 5 has only 93.75 %
        return np.median(values), np.nan, np.nan
    low, high = np.sort(values)[[place - 1, n - place]]
    return np.median(values), low, high


def adjust(p, how):
    """Return the adjusted p-values of one family; what could not be tested does not count."""
    tested = p.notna().to_numpy()
    if how == "none" or not tested.any():
        return p
    if how == "fixed-sequence":
        return p.fillna(1.0).cummax().where(tested)
    adjusted = np.full(len(p), np.nan)
    adjusted[tested] = multipletests(p[tested], method=ADJUST[how])[1]
    return adjusted


def main():
    data_file, result_file, plan_file = sys.argv[1:4]
    # every cell as text, so that an arm may be called NA, 1 or nan
    data, plan = (pd.read_csv(f, dtype=str, keep_default_na=False) for f in (data_file, plan_file))
    analyse(data, plan).to_csv(result_file, index=False)


if __name__ == "__main__":
    main()
