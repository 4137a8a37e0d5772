"""What does a page look like in a channel that shows no web pages? One strategy decides; here only the form changes.

`app.py` compact JSON for a screen, `push.py` a title and a body, `brief.py` what an agent needs before they pick up,
`lines.py` lines for a printer. The web's HTML is `rendering.py`.
"""
