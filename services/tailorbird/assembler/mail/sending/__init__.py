"""How do many letters go out, each once? `aiming.py` says to whom and when, `campaigning.py` is a campaign's run,
`momentmail.py` what moments send, `posting.py` and the modules beside it hand letters over.
"""
