"""What reports read: sums by day, key and group of persons, made of everything that came.

Start reading at `facts.py`. `factschema.py` and `cells.py` are the tables, `crediting.py` decides which decision an
order is credited to, `sharing.py` does so with those that came.
"""
