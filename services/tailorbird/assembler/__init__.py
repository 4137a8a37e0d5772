"""What does this customer see? Pages and e-mails, assembled from what the other services know.

Start with `service.py`, the walk of one question. `gathering.py` asks profiles, recommender and offers; `merging.py`
makes the slots of them, purely; `layouts.py` is what a marketer writes; `slots/` has one file a slot type;
`rendering.py` and `emailing.py` turn a payload into HTML; `tracing.py` writes down what was decided.
"""
