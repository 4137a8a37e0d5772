"""Models, fitted and tuned on a table of interactions."""
