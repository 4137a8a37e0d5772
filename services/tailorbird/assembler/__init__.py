"""What does this customer see? Pages and e-mails, assembled from what the other services know.

Start with `service.py`, the walk of one question, and `pages/assembling.py`, the walk of one page. `gathering/` asks
profiles, recommender and offers; `layouts/` is what a marketer writes and `experiments/` what they try; `slots/` has
one file a slot type; `pages/` makes the slots of all that, purely; `channels/` gives the page its form and `mail/` is
e-mail; `explaining/` writes down what was decided and tells why. `items/` and `wording/` are what all of them show and
say, `calls/` and `sdk/` what stands between us and the sites that ask.
"""
