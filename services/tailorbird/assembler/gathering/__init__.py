"""What is known for this page, from everybody who knows something? Start at `gatherer.py`.

`profilecache.py` and `keptshelves.py` save the asking; `context.py` is the moment as rules test it, `patterns.py` what
the customer usually does; `parts.py` and `picks.py` are the values that come out.
"""
