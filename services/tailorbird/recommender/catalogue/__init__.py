"""The items: kept, changed while the shop is open, and as arrays that ranking reads."""
