"""What does a page look like in its channel? One strategy decides; here only the form changes.

`forming.py` picks the form: `app.py` compact JSON for a screen, `push.py` a title and a body, `brief.py` what an agent
needs before they pick up, `lines.py` lines for a printer. `rendering.py` is the web's HTML.
"""
