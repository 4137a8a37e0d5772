"""A small Wagtail site whose pages hold Tailorbird's slots. To be copied: `templatetags/tailorbird.py`."""
