"""What was made to whom, what came of it, and what is believed from that."""
