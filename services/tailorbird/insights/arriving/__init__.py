"""What came: decisions and what came of them, in a journal first, as Parquet later.

Start reading at `arrivals.py`, which keeps anything so. `decisions.py` and `decisionstore.py` say how a decision is
kept, `outcomes.py`, `enriching.py` and `outcomestore.py` how an outcome; `knownby.py` knows whose an outcome was.
"""
