"""What leaves as e-mail: how a template becomes a letter, who may be written to, how often, and how it goes out.

`writing/` makes letters of templates, `sending/` hands over a campaign's and a moment's, `hearing/` takes what comes
back: clicks, unsubscribes, bounces. `documents.py` is what a marketer writes, `answering.py` an e-mail that is fetched.
"""
