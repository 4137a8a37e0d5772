"""The studio answers: what does the marketer want it to be?

`desk/` holds the pages at /studio, where people write offers, segments and layouts, preview them, put them to work and
read what they brought; start reading at its `routes.py`. `shop/` is the demonstration at /shop, where one sees it.
"""
