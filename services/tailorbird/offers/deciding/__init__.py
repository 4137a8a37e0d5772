"""Which offers a customer gets, why, and why not others: pure functions of documents, question and what is known."""
