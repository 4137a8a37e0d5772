"""The rules that marketers write: for whom does a document (an offer, a segment, a persona, a moment) apply?

One kind of document for all of them. Start with `document.py` (what is written), then `attributes.py` (what can be
tested) and `conditions.py` (how; `condition.py` is what they share). `normal.py` turns a document into the form that
everything else reads: `bitset.py` decides thousands of rules at once, `plain.py` one rule and says what failed,
`sql.py` counts, `english.py` tells. `possible.py` says of a rule that it can never hold, or always does.
"""
