"""What can be shown? A card per item, encoded once (`cards.py`), kept as the catalogue changes (`catalogue.py`), and
what many like (`popular.py`) for when nothing better is known.
"""
