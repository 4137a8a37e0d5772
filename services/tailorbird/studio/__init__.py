"""The studio answers: what does the marketer want it to be? For now it is the shop at /shop, where one can see it.

Start reading at `http.py` (the shop's addresses); `view.py` turns a payload into what the templates show, `tiles.py`
draws the pictures. Everything on a page comes from an assembled payload.
"""
