# WRONG: titers outside the range of the wells are left out, though they are the lowest and highest.
# Run: python drops_censored.py data.csv result.csv plan.csv

import sys

import pandas as pd
from scipy.stats import mannwhitneyu
from statsmodels.stats.multitest import multipletests

data, plan = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[3])
data = data[data["censored"].isna()].dropna(subset=["value"])


def p_value(row):
    """Return the p-value of one comparison."""
    of = data[data["endpoint"] == row["endpoint"]]
    treated = of["value"][of["arm"] == row["treated"]]
    control = of["value"][of["arm"] == row["control"]]
    tied = pd.concat([treated, control]).duplicated().any()
    return mannwhitneyu(treated, control, method="asymptotic" if tied else "exact").pvalue


plan["p_value"] = plan.apply(p_value, axis=1)
for _, family in plan.groupby("family"):
    plan.loc[family.index, "p_adjusted"] = multipletests(family["p_value"], method="holm")[1]
plan[["family", "endpoint", "treated", "control", "p_value", "p_adjusted"]].to_csv(
    sys.argv[2], index=False
)
