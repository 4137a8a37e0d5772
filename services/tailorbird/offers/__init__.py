"""Which offers and actions may we make to this customer?

Start with `offer.py` (what is promised), then `deciding.py` (a pure function from documents and a query to choices).
"""
