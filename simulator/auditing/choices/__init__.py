"""Known choices of an analysis, right and wrong ones, and the p-values that each gives."""

from simulator.auditing.choices.catalogue import MOST_PARTS, Catalogue
from simulator.auditing.choices.choice import Choice, either
from simulator.auditing.choices.data_set import DataSet

__all__ = ["MOST_PARTS", "Catalogue", "Choice", "DataSet", "either"]
