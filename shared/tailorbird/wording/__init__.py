"""How are money and days written where the customer lives? The same on pages, in e-mails and in the shop.

Start reading at `locales.py`.
"""
