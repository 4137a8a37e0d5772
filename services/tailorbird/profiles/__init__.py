"""Who is this, and what have they done?

Start with `profile.py` (what is kept of a person), then `folding.py` (how an event changes it) and `answering.py` (how
it becomes the answer that decisions are made from). `consuming.py` puts events to work, `importing.py` whole files.
Nothing personal rests unsealed: `keyring.py` holds one key per person, `store.py` seals with it.
"""
