"""Why did it come out so? `tracing.py` writes down what was decided and from what, `why.py` opens it again and tells of
every candidate the reason; `exposing.py` tells profiles which variants somebody has seen.
"""
