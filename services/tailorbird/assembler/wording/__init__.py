"""How is it said, and can it do harm? A marketer's words with a customer's name in its place (`placeholders.py`), the
templates' own words in the reader's language (`saying.py`), addresses of allowed schemes (`links.py`) and HTML without
what could run (`cleaning.py`).
"""
