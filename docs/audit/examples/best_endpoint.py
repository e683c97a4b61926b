# WRONG: for the primary endpoint the smallest p-value of all endpoints is reported.
# Run: python best_endpoint.py data.csv result.csv plan.csv

import sys

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu
from statsmodels.stats.multitest import multipletests

data, plan = pd.read_csv(sys.argv[1]).dropna(subset=["value"]), pd.read_csv(sys.argv[3])
data["value"] = data["value"].astype(float)
data.loc[data["censored"] == "below", "value"] = -np.inf
data.loc[data["censored"] == "above", "value"] = np.inf


def p_value(row):
    """Return the p-value of one comparison."""
    of = data[data["endpoint"] == row["endpoint"]]
    treated = of["value"][of["arm"] == row["treated"]]
    control = of["value"][of["arm"] == row["control"]]
    tied = pd.concat([treated, control]).duplicated().any()
    return mannwhitneyu(treated, control, method="asymptotic" if tied else "exact").pvalue


plan["p_value"] = plan.apply(p_value, axis=1)
primary = plan["endpoint"] == plan["endpoint"].iloc[0]
best = plan.groupby(["treated", "control"])["p_value"].transform("min")
plan.loc[primary, "p_value"] = best[primary]
for _, family in plan.groupby("family"):
    plan.loc[family.index, "p_adjusted"] = multipletests(family["p_value"], method="holm")[1]
plan[["family", "endpoint", "treated", "control", "p_value", "p_adjusted"]].to_csv(
    sys.argv[2], index=False
)
