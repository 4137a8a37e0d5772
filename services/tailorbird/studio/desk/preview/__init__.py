"""Pages and e-mails as somebody else would see them, with why each thing stands there.

Start reading at `previewing.py`.
"""
