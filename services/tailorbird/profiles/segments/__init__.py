"""Sets of customers: who belongs to which, by rules that marketers write and clusters that were found.

Start with `membership.py`; `counting.py` counts a rule before it is saved, `clusterstore.py` keeps the clusters in use.
"""
