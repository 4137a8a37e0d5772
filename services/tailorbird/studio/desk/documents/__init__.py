"""What is written in the studio, and its way from a draft to what is at work and back.

Start reading at `kinds.py` and `work.py`; `writing.py` and `steps.py` are its pages.
"""
