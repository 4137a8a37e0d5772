"""Which offers and actions may we make to this customer?

Start with `documents/offer.py` (what is promised), then `deciding/decide.py` (a pure function from documents and a
question to choices), then `redeeming/settling.py` (what may still be redeemed).
"""
