"""Situations worth reacting to, and how the reaction gets out: to the next page, the browser, other systems.

Start with `document.py` (what a marketer writes) and `deciding.py` (when a moment comes). `acting.py` puts both to
work between folding and storing; what waits rests in a `duelist.py`; `outgoing.py` and `calling.py` carry webhooks
out, signed by `signing.py`.
"""
