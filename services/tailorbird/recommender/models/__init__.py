"""What is learned from interactions? One file a model, each a pure function from tables of numbers to arrays.

Start with `model.py`, which holds all of them together; `interactions.py` is what they learn from.
"""
