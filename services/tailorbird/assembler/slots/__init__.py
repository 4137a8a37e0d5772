"""What stands in a place of a page? One file a slot type; `base.py` says what each owes, `family.py` lists them all."""
