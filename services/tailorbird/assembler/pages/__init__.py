"""What stands on the page? `answering.py` answers, `assembling.py` is the walk of one call, `merging.py` fills it."""
