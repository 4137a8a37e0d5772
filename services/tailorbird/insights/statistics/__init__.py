"""The formulas of experiments, each with its source; start at `comparing.py`, the difference of two variants."""
