"""Customers and items in one space: folding in, newcomers, and the index that is searched."""
