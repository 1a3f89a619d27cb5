"""Schema migrations, oldest first; each runs in one transaction with a lock timeout."""
