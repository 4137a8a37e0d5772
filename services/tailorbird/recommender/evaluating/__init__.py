"""How good shelves are on weeks that training has not seen, beside what any shop could do without a model."""
