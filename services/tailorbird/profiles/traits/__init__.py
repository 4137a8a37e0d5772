"""What follows from a profile: the attributes that rules test, computed when somebody looks. All of it is pure.

Start with `attributes.py`, which puts them together. `population.py` is what all customers say about one of them,
fitted by `fitting.py` from time to time; `value.py`, `affinity.py`, `rhythm.py` and `standing.py` each find one kind.
"""
