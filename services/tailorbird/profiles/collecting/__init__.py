"""From a client library's call to a folded profile: nothing that was answered with 200 is lost, nothing counts twice.

Start with `segment_calls.py` (what was sent) and `spool.py` (where it is safe); `checking.py` says what is wrong with
an event, `batches.py` decides what a batch makes of profiles, `consuming.py` puts it to work.
"""
