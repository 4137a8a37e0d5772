"""What there is, kept beside the suite: backups, restoring from one, and exports.

Start reading at `commands.py`.
"""
