"""Models made, judged and put to work; and what else is learned from all profiles: segments by similarity.

Start reading at `commands.py`, then `training.py`.
"""
