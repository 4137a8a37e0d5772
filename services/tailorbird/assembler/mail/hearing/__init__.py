"""What becomes of a mail, and who may still be written to? `clicks.py` signs a mail's links, `routes.py` answers them;
`heard.py` reads what e-mail services tell; `standing.py` is what counts of all of it at the next send.
"""
