"""Which items would this customer like? The recommender answers, and owns the items themselves.

Start with `ranking.py`: a query becomes a page of shelves, each filled by a strategy (`strategies/`, one file each).
What the strategies look things up in stands in `knowledge.py`, what is known of the customer in `customer.py`.
`training.py` makes the model of `models/`, `artifact.py` carries it, `service.py` ties all of it to the bus.
"""
