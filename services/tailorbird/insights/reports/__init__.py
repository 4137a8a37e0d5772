"""Each report, and the one definition of each number in it.

Start reading at `kpis.py` and `kpireport.py`. The formulas are in `statistics`, the sentences in `concluding.py`.
"""
