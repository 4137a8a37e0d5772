"""What would offers bring if the truth were known? A shop made of chance, policies that offer in it, what they lost.

Start reading in `world.py`; `running.py` lets a policy decide and keeps its log, with propensities.
"""
