"""The shop at /shop, where one can see what the studio decides; it is part of the demonstration.

Start reading at `routes.py` (its addresses); `view.py` turns a payload into what the templates show, `tiles.py` draws
the pictures. Everything on a page comes from an assembled payload.
"""
