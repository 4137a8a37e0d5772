"""Who may enter the studio and do what: roles, passwords, sessions, and the log of what everybody changed.

Start reading at `roles.py`.
"""
