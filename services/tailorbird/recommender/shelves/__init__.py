"""Queries in, filled shelves out: the customer as arrays, what may not be shown, what marketers say of items."""
