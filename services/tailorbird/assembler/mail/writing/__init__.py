"""How does a template become a letter? Start with `compiling.py` (a template, once, when it is saved), then
`composing.py` and `printing.py` (a letter, per recipient); `pieces.py` makes a template quick.
"""
