"""How is it said, and can it do harm? A marketer's words with a customer's name in its place (`placeholders.py`), money
and days as they are written where the customer lives (`locales.py`), addresses of allowed schemes (`links.py`) and HTML
without what could run (`cleaning.py`).
"""
