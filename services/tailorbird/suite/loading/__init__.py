"""How does a shop's own data come in? `tailorbird load FOLDER`.

Start with `tables.py` (what may be loaded, column by column), then `loader.py` (the walk of one load): `files.py` reads
in batches, `checking.py` finds what is wrong with a row, `quarantine.py` keeps the rows that were refused, with the
reason, and `report.py` counts. Clean rows go to the service that owns them as one Parquet object.
"""
