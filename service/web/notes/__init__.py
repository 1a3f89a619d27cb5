"""Notes: found by their words, read with their requests, and dropped in as files."""
