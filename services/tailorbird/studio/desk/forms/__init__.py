"""A form out of an owner's JSON Schema, and the document out of what was typed into it; rules have a builder.

Start reading at `forms.py` (drawn) and `reading.py` (read back).
"""
