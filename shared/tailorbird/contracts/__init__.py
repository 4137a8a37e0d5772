"""The language of the suite: every question, answer and announcement that crosses a process, as plain data.

One module per answering service, named after it. Start with `wire.py` (what a contract is made of), then `words.py`
(the values they share), then `assembler.py`, which is the question the outside world asks.
"""
